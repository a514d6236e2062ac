import { Module } from '@nestjs/common';
import { HttpModule } from '../http/http.module.js';
import { PageController, PageFiles } from './page.controller.js';
import { ProxyController } from './proxy.controller.js';

/** The built page, and the proxies that give it one origin. Nothing else depends on it. */
@Module({
  imports: [HttpModule],
  controllers: [PageController, ProxyController],
  providers: [PageFiles],
})
export class PageModule {}
