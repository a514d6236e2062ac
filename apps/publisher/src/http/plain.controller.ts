import { Controller, Get, Header } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { PAGE_STYLE } from './page.style.js';
import { PlainPage } from './plain.page.js';

/** `GET /plain`: the page for browsers without JavaScript. */
@ApiExcludeController()
@Controller()
export class PlainPageController {
  constructor(private readonly page: PlainPage) {}

  @Get('plain')
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('cache-control', 'no-store')
  document(): string {
    return this.page.render();
  }

  @Get('plain/page.css')
  @Header('content-type', 'text/css; charset=utf-8')
  style(): string {
    return PAGE_STYLE;
  }
}
