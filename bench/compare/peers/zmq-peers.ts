import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ClientDeliveryOptions, ZmqServer } from '@app/zmq-transport';
import type { Type } from '@nestjs/common';
import { BatchController, openNestConsumer, TradeController } from './nest-consumer.js';
import type { Peer } from './peer-interface.js';
import { ZmqProducer } from './zmq-producer.js';

const overTcp = (port: number): string => `tcp://127.0.0.1:${port}`;
/** A socket file named after the port, which is unique while the run holds the port. */
const overIpc = (port: number): string => `ipc://${join(tmpdir(), `bench-${port}.sock`)}`;

interface ZmqPeerOptions {
  readonly pair: 'push-pull' | 'dealer-router';
  readonly controller: Type;
  readonly addressOf?: (port: number) => string;
  /** Made for each run. */
  readonly delivery?: () => ClientDeliveryOptions;
}

function zmqPeer({ pair, controller, addressOf = overTcp, delivery }: ZmqPeerOptions): Peer {
  return {
    async openProducer(port) {
      const producer = new ZmqProducer({
        pair,
        connect: addressOf(port),
        ...(delivery === undefined ? {} : { delivery: delivery() }),
      });
      await producer.connect();
      return producer;
    },
    openConsumer(port, sink) {
      const strategy = new ZmqServer({ pair, bind: addressOf(port) });
      return openNestConsumer({ strategy }, controller, sink, (app) => strategy.callDirectly(app));
    },
  };
}

const acknowledged = (): ClientDeliveryOptions => ({ mode: 'acknowledged' });

/** Each run's own spool, on the disk of the temporary folder. It is removed when the process ends. */
function durable(): ClientDeliveryOptions {
  const directory = mkdtempSync(join(tmpdir(), 'bench-spool-'));
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  return { mode: 'durable', directory };
}

/** This project's transport, each pair and each way of delivery with its default settings. */
export const zmqPeers = {
  zmq: zmqPeer({ pair: 'push-pull', controller: TradeController }),
  'zmq-batch': zmqPeer({ pair: 'push-pull', controller: BatchController }),
  'zmq-acknowledged': zmqPeer({
    pair: 'dealer-router',
    controller: TradeController,
    delivery: acknowledged,
  }),
  'zmq-durable': zmqPeer({ pair: 'dealer-router', controller: TradeController, delivery: durable }),
  'zmq-acknowledged-batch': zmqPeer({
    pair: 'dealer-router',
    controller: BatchController,
    delivery: acknowledged,
  }),
  'zmq-durable-batch': zmqPeer({ pair: 'dealer-router', controller: BatchController, delivery: durable }),
  'zmq-request': zmqPeer({ pair: 'dealer-router', controller: TradeController }),
  'zmq-request-ipc': zmqPeer({ pair: 'dealer-router', controller: TradeController, addressOf: overIpc }),
} satisfies Record<string, Peer>;
