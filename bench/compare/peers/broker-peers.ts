import {
  type ClientProxy,
  ClientProxyFactory,
  type MqttOptions,
  type NatsOptions,
  type RedisOptions,
  type RmqOptions,
  Transport,
} from '@nestjs/microservices';
import { openNestConsumer, TradeController } from './nest-consumer.js';
import { NestProducer } from './nest-producer.js';
import type { Peer } from './peer-interface.js';

type BrokerOptions = MqttOptions | NatsOptions | RedisOptions | RmqOptions;

function brokerPeer(
  optionsFor: (port: number) => BrokerOptions,
  flushed?: (client: ClientProxy) => Promise<unknown>,
): Peer {
  return {
    async openProducer(port) {
      const client = ClientProxyFactory.create(optionsFor(port)) as ClientProxy;
      await client.connect();
      return new NestProducer(client, flushed);
    },
    openConsumer: (port, sink) => openNestConsumer(optionsFor(port), TradeController, sink),
  };
}

/** The Nest transports that need a server in between, each with Nest's default settings. */
export const brokerPeers = {
  nats: brokerPeer(
    (port) => ({ transport: Transport.NATS, options: { servers: [`nats://127.0.0.1:${port}`] } }),
    // publish() only writes to a buffer: flush() makes a round trip, after which the server has it.
    (client) => client.unwrap<{ flush(): Promise<void> }>().flush(),
  ),
  redis: brokerPeer((port) => ({ transport: Transport.REDIS, options: { host: '127.0.0.1', port } })),
  mqtt: brokerPeer((port) => ({ transport: Transport.MQTT, options: { url: `mqtt://127.0.0.1:${port}` } })),
  rabbitmq: brokerPeer((port) => ({
    transport: Transport.RMQ,
    options: { urls: [`amqp://127.0.0.1:${port}`], queue: 'bench', queueOptions: { durable: false } },
  })),
} satisfies Record<string, Peer>;
