import 'reflect-metadata';
import { Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ZmqServer } from 'nestjs-zmq-transport';
import { ORDERS_ADDRESS } from './orders-contract.js';
import { OrdersModule } from './orders.module.js';

/** Starts the service. It ends by Ctrl-C or SIGTERM, after it has handled what was sent. */
async function main(): Promise<void> {
  const strategy = new ZmqServer({ pair: 'dealer-router', bind: ORDERS_ADDRESS });
  const service = await NestFactory.createMicroservice(OrdersModule, { strategy });
  service.enableShutdownHooks([], { useProcessExit: true });
  await service.listen();
  new Logger('Orders').log(`listens at ${ORDERS_ADDRESS}`);
}

void main();
