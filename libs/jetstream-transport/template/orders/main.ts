import 'reflect-metadata';
import { Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { JetStreamServer } from 'nestjs-jetstream-transport';
import { NATS_URL } from './orders-contract.js';
import { OrdersModule } from './orders.module.js';

/** Starts the service. It ends by Ctrl-C or SIGTERM, after it has handled what it received. */
async function main(): Promise<void> {
  // Another group gets every order too; servers of this one share them, by `shard`.
  const strategy = new JetStreamServer({ servers: NATS_URL, group: 'orders' });
  const service = await NestFactory.createMicroservice(OrdersModule, { strategy });
  service.enableShutdownHooks([], { useProcessExit: true });
  await service.listen();
  new Logger('Orders').log(`reads from ${NATS_URL}`);
}

void main();
