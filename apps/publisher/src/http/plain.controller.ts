import { Controller, Get, Header } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { PAGE_STYLE, PlainPage } from './plain-page.js';

/** `GET /plain`: the page for browsers without JavaScript. */
@ApiExcludeController()
@Controller('plain')
export class PlainController {
  constructor(private readonly page: PlainPage) {}

  @Get()
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('cache-control', 'no-store')
  document(): string {
    return this.page.render();
  }

  @Get('page.css')
  @Header('content-type', 'text/css; charset=utf-8')
  style(): string {
    return PAGE_STYLE;
  }
}
