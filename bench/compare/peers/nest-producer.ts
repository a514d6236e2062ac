import type { ClientProxy } from '@nestjs/microservices';
import { lastValueFrom, type Observable } from 'rxjs';
import { TRADE, tradeEvent } from '../trade-event.js';
import type { Producer } from './peer-interface.js';

/** The sending end of a transport that Nest ships: `emit`, and after each chunk its last observable. */
export class NestProducer<C extends Pick<ClientProxy, 'emit' | 'send' | 'close'>> implements Producer {
  private last: Observable<unknown> | undefined;

  /** @param flushed what else to wait for after a chunk, when the observable completes before anything is written */
  constructor(
    private readonly client: C,
    private readonly flushed: (client: C) => Promise<unknown> = () => Promise.resolve(),
  ) {}

  emit(index: number, ts: number): void {
    this.last = this.client.emit(TRADE, tradeEvent(index, ts));
  }

  async settle(): Promise<void> {
    // Each of these transports keeps the order: when the last event of a chunk is through, so are the earlier ones.
    if (this.last !== undefined) await lastValueFrom(this.last, { defaultValue: undefined });
    await this.flushed(this.client);
  }

  request(index: number): Promise<unknown> {
    return lastValueFrom(this.client.send('quote', tradeEvent(index, 0)));
  }

  close(): Promise<unknown> {
    return Promise.resolve(this.client.close());
  }
}
