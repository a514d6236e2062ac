import 'reflect-metadata';
import { Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { OrdersSender, OrdersSenderModule } from './orders-sender.js';

async function main(): Promise<void> {
  const app = await NestFactory.createApplicationContext(OrdersSenderModule);
  const orders = app.get(OrdersSender);
  await orders.place({ id: 1, qty: 2 });
  await orders.place({ id: 2, qty: 5 });
  new Logger('Sender').log(`total: ${await orders.total()}`);
  await app.close();
}

void main();
