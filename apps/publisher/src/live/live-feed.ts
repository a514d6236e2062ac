import { EventFeed } from '@app/service-kit';
import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { PublisherEvent } from './publisher.event.js';

/** The feed behind `/events`. Its streams end before HTTP closes, which would otherwise wait for them. */
@Injectable()
export class PublisherFeed extends EventFeed<PublisherEvent> implements OnModuleDestroy {
  onModuleDestroy(): void {
    this.close();
  }
}
