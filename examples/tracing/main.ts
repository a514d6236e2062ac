/* oxlint-disable no-console -- an example shows what it does */
import 'reflect-metadata';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Ctx, EventPattern, MessagePattern } from '@nestjs/microservices';
import { ZmqClient, ZmqContext, ZmqServer } from 'nestjs-zmq-transport';
import { lastValueFrom } from 'rxjs';
import { currentTrace, inTraceOf, traceClient } from './trace-scope.js';

const strategy = new ZmqServer({ pair: 'dealer-router', bind: 'tcp://127.0.0.1:*' });

function note(where: string): void {
  const trace = currentTrace();
  console.log(`${where} trace=${trace?.traceId ?? 'none'} step=${trace?.parentId ?? 'none'}`);
}

@Controller()
class OrdersController {
  @MessagePattern<string>('place')
  place(@Ctx() context: ZmqContext): Promise<string> {
    return inTraceOf(context, async () => {
      note('place');
      // A handler that sends on: the same trace, one step further.
      client.emit('placed', {});
      return 'ok';
    });
  }

  @EventPattern<string>('placed')
  placed(@Ctx() context: ZmqContext): void {
    inTraceOf(context, () => note('placed'));
  }
}

@Module({ controllers: [OrdersController] })
class AppModule {}

const app = await NestFactory.createMicroservice(AppModule, { strategy, logger: ['error', 'warn'] });
await app.listen();
const client = new ZmqClient({ pair: 'dealer-router', connect: [...strategy.boundAddresses] });
traceClient(client);

await inTraceOf(undefined, async () => {
  note('caller');
  await lastValueFrom(client.send('place', {}));
});

await client.close();
await app.close();
