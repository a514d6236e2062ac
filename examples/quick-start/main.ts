/* oxlint-disable no-console -- an example shows what it does */
import 'reflect-metadata';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import { ZmqClient, ZmqServer } from 'nestjs-zmq-transport';
import { lastValueFrom } from 'rxjs';

@Controller()
class NumbersController {
  @EventPattern<string>('noted')
  onNoted(@Payload() text: string): void {
    console.log(`event: ${text}`);
  }

  @MessagePattern<string>('sum')
  sum(@Payload() numbers: number[]): number {
    return numbers.reduce((a, b) => a + b, 0);
  }
}

@Module({ controllers: [NumbersController] })
class AppModule {}

// Port * lets the operating system choose; a service of yours names its port, and the client connects to that.
const strategy = new ZmqServer({ pair: 'dealer-router', bind: 'tcp://127.0.0.1:*' });
const app = await NestFactory.createMicroservice(AppModule, { strategy, logger: ['error', 'warn'] });
strategy.callDirectly(app);
await app.listen();

const client = new ZmqClient({ pair: 'dealer-router', connect: [...strategy.boundAddresses] });
client.emit('noted', 'hello');
console.log(`request: ${await lastValueFrom(client.send<number>('sum', [1, 2, 3]))}`);

await client.close();
await app.close();
