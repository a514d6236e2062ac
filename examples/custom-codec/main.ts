/* oxlint-disable no-console -- an example shows what it does */
import 'reflect-metadata';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Payload } from '@nestjs/microservices';
import { BatchEventPattern, ZmqClient, ZmqServer } from 'nestjs-zmq-transport';
import { LinesCodec } from './lines-codec.js';

let seen = 0;

@Controller()
class TickController {
  @BatchEventPattern('tick')
  onTicks(@Payload() ticks: { n: number }[]): void {
    seen += ticks.length;
  }
}

@Module({ controllers: [TickController] })
class AppModule {}

const codec = new LinesCodec();
const strategy = new ZmqServer({ bind: 'tcp://127.0.0.1:*', codec });
const app = await NestFactory.createMicroservice(AppModule, { strategy, logger: ['error', 'warn'] });
await app.listen();

const client = new ZmqClient({ connect: [...strategy.boundAddresses], codec });
for (let n = 0; n < 1000; n += 1) client.emit('tick', { n });

// Both closes drain: the client sends what waits, the server receives what was sent.
await client.close();
await app.close();
console.log(`${seen} ticks in ${strategy.stats().batches} messages`);
