import { once } from 'node:events';
import type { Server, Socket } from 'node:net';
import {
  ClientProxyFactory,
  type ClientTCP,
  type MicroserviceOptions,
  Transport,
} from '@nestjs/microservices';
import type { Sink } from '../workers/sink-interface.js';
import { openNestConsumer, TradeController } from './nest-consumer.js';
import { NestProducer } from './nest-producer.js';
import type { Peer } from './peer-interface.js';

/** Nest's client never checks its socket's buffer: without this wait the whole run would pile up in it. */
async function drained(client: ClientTCP): Promise<void> {
  const socket = client.unwrap<Socket>();
  if (socket.writableNeedDrain) await once(socket, 'drain');
}

/**
 * Nest's own TCP transport.
 * @param noDelay false: as shipped. True: with TCP_NODELAY set by hand on both ends, which Nest has no option for.
 */
export function tcpPeer(noDelay: boolean): Peer {
  return {
    async openProducer(port) {
      const options = { host: '127.0.0.1', port };
      const client = ClientProxyFactory.create({ transport: Transport.TCP, options }) as ClientTCP;
      await client.connect();
      if (noDelay) client.unwrap<Socket>().setNoDelay(true);
      return new NestProducer(client, drained);
    },
    async openConsumer(port: number, sink: Sink) {
      const options: MicroserviceOptions = { transport: Transport.TCP, options: { host: '127.0.0.1', port } };
      const app = await openNestConsumer(options, TradeController, sink);
      if (noDelay) app.unwrap<Server>().on('connection', (socket: Socket) => socket.setNoDelay(true));
      return app;
    },
  };
}
