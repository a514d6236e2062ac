import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BatchEventPattern, ZmqServer } from '@app/zmq-transport';
import { Controller, Inject, type Type } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { type BenchEvent, TRADE } from '../trade.event.js';
import type { Sink } from '../workers/sink.interface.js';
import { openNestConsumer, SINK, TradeController } from './nest.consumer.js';
import type { Peer } from './peer.interface.js';
import { ZmqProducer } from './zmq.producer.js';

/** The handler of whole batches. */
@Controller()
class BatchController {
  constructor(@Inject(SINK) private readonly sink: Sink) {}

  @BatchEventPattern(TRADE)
  trades(@Payload() events: BenchEvent[]): void {
    this.sink.takeMany(events);
  }
}

const overTcp = (port: number): string => `tcp://127.0.0.1:${port}`;
/** A socket file that is named after the port: that is unique for as long as the run holds it. */
const overIpc = (port: number): string => `ipc://${join(tmpdir(), `bench-${port}.sock`)}`;

function zmqPeer(pair: 'push-pull' | 'dealer-router', controller: Type, addressOf = overTcp): Peer {
  return {
    async openProducer(port) {
      const producer = new ZmqProducer({ pair, connect: addressOf(port) });
      await producer.connect();
      return producer;
    },
    openConsumer: (port, sink) =>
      openNestConsumer({ strategy: new ZmqServer({ pair, bind: addressOf(port) }) }, controller, sink),
  };
}

/** This project's transport, each pair with its default settings. */
export const zmqPeers = {
  zmq: zmqPeer('push-pull', TradeController),
  'zmq-batch': zmqPeer('push-pull', BatchController),
  'zmq-request': zmqPeer('dealer-router', TradeController),
  'zmq-request-ipc': zmqPeer('dealer-router', TradeController, overIpc),
} satisfies Record<string, Peer>;
