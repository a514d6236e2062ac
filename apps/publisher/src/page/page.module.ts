import { Module } from '@nestjs/common';
import { HttpModule } from '../http/http.module.js';
import { PageController } from './page.controller.js';
import { PageFiles } from './page-files.js';
import { ProxyController } from './proxy.controller.js';

/** The built page, and the proxies that give it one origin. Nothing else depends on it. */
@Module({
  imports: [HttpModule],
  controllers: [PageController, ProxyController],
  providers: [PageFiles],
})
export class PageModule {}
