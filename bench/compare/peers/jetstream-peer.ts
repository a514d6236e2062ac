import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { JetStreamClient, type JetStreamClientOptions, JetStreamServer } from '@app/jetstream-transport';
import { TRADE, tradeEvent } from '../trade-event.js';
import { BatchController, openNestConsumer } from './nest-consumer.js';
import type { Peer, Producer } from './peer-interface.js';

/** Half of what an outbox keeps: confirmations come for whole messages, and for many at once. */
const SHORT_UNCONFIRMED_EVENTS = 32_768;

/** The sending end of this project's transport over JetStream. */
export class JetStreamProducer implements Producer {
  private constructor(private readonly client: JetStreamClient) {}

  static async open(options: JetStreamClientOptions): Promise<JetStreamProducer> {
    const client = new JetStreamClient(options);
    await client.connect();
    return new JetStreamProducer(client);
  }

  emit(index: number, ts: number): void {
    this.client.emit(TRADE, tradeEvent(index, ts));
  }

  async settle(): Promise<void> {
    await nextTurn();
    while (this.client.stats().queuedEvents > SHORT_UNCONFIRMED_EVENTS) await sleep(1);
  }

  close(): Promise<unknown> {
    return this.client.close();
  }
}

export const serversAt = (port: number): { servers: string } => ({ servers: `nats://127.0.0.1:${port}` });

/** This project's transport over JetStream with its default settings: stored in files, one copy, positions committed. */
export const jetStreamPeer: Peer = {
  openProducer: (port) => JetStreamProducer.open(serversAt(port)),
  openConsumer(port, sink) {
    const strategy = new JetStreamServer(serversAt(port));
    return openNestConsumer({ strategy }, BatchController, sink, (app) => strategy.callDirectly(app));
  },
};
