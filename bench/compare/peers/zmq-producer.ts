import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { ZmqClient, type ZmqClientOptions } from '@app/zmq-transport';
import { lastValueFrom } from 'rxjs';
import { TRADE, tradeEvent } from '../trade-event.js';
import type { Producer } from './peer-interface.js';

/** An eighth of the outbox's default size: neither nearly full nor nearly empty. */
const SHORT_QUEUE_EVENTS = 8192;

/** Half of what an outbox keeps: acknowledgements come for whole batches, and for a whole window at once. */
const SHORT_UNACKNOWLEDGED_EVENTS = 32_768;

/** The sending end of this project's transport, with its default settings. */
export class ZmqProducer implements Producer {
  private readonly client: ZmqClient;

  constructor(options: ZmqClientOptions) {
    this.client = new ZmqClient(options);
  }

  connect(): Promise<void> {
    return this.client.connect();
  }

  emit(index: number, ts: number): void {
    this.client.emit(TRADE, tradeEvent(index, ts));
  }

  async settle(): Promise<void> {
    await nextTurn();
    // The queue lasts for many milliseconds: checking it more often would only take processor time from the others.
    while (!this.isShort()) await sleep(1);
  }

  private isShort(): boolean {
    const { queuedEvents, delivery } = this.client.stats();
    return delivery === undefined
      ? queuedEvents <= SHORT_QUEUE_EVENTS
      : delivery.unacknowledgedEvents <= SHORT_UNACKNOWLEDGED_EVENTS;
  }

  request(index: number): Promise<unknown> {
    return lastValueFrom(this.client.send('quote', tradeEvent(index, 0)));
  }

  queue(): Readonly<{ queuedEvents: number; refused: number }> {
    const { queuedEvents, drops } = this.client.stats();
    return { queuedEvents, refused: Object.values(drops).reduce((sum, dropped) => sum + dropped, 0) };
  }

  close(): Promise<unknown> {
    return this.client.close();
  }
}
