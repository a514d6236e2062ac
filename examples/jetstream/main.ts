/* oxlint-disable no-console -- an example shows what it does */
import 'reflect-metadata';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Ctx, Payload } from '@nestjs/microservices';
import {
  BatchEventPattern,
  JetStreamClient,
  JetStreamServer,
  type ZmqBatchContext,
} from 'nestjs-jetstream-transport';
import { lastValueFrom } from 'rxjs';

const ORDERS = 100;
const handled = new Map<number, number>();
let finish: () => void;
const finished = new Promise<void>((resolve) => (finish = resolve));

@Controller()
class OrdersController {
  @BatchEventPattern('order')
  onOrders(@Payload() orders: { id: number }[], @Ctx() { partition = -1 }: ZmqBatchContext): void {
    for (const { id } of orders) handled.set(id, partition);
    if (handled.size === ORDERS) finish();
  }
}

@Module({ controllers: [OrdersController] })
class AppModule {}

// `nats-server -js` listens there. Two servers share the partitions; in production each is a process of its own.
const servers = process.env['NATS_URL'] ?? 'nats://127.0.0.1:4222';
const stream = { name: 'EXAMPLE', partitions: 4 };
const apps = await Promise.all(
  [0, 1].map(async (index) => {
    const strategy = new JetStreamServer({ servers, stream, shard: { index, count: 2 } });
    const app = await NestFactory.createMicroservice(AppModule, { strategy, logger: ['error', 'warn'] });
    await app.listen();
    return app;
  }),
);

const client = new JetStreamClient({ servers, stream, emitResolves: 'stored' });
for (let id = 0; id < ORDERS; id += 1) {
  // Until the broker has it: after that, no death of a server loses it.
  await lastValueFrom(client.emit('order', { id }), { defaultValue: undefined });
}
await finished;
console.log(`${handled.size} orders in ${new Set(handled.values()).size} partitions`);
await client.close();
await Promise.all(apps.map((app) => app.close()));
