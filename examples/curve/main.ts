/* oxlint-disable no-console -- an example shows what it does */
import 'reflect-metadata';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { type CurveKeyPair, ZmqClient, ZmqServer } from 'nestjs-zmq-transport';
import { lastValueFrom } from 'rxjs';
import { curveKeyPair } from 'zeromq';

@Controller()
class NumbersController {
  @MessagePattern<string>('sum')
  sum(@Payload() numbers: number[]): number {
    return numbers.reduce((a, b) => a + b, 0);
  }
}

@Module({ controllers: [NumbersController] })
class AppModule {}

// Each side has a pair, and tells others its public key only. `npm run keys` writes pairs to files.
const server = curveKeyPair();
const friend = curveKeyPair();
const stranger = curveKeyPair();

const strategy = new ZmqServer({
  pair: 'dealer-router',
  bind: 'tcp://127.0.0.1:*',
  curve: { keyPair: server, allowedClients: [friend.publicKey] },
});
const app = await NestFactory.createMicroservice(AppModule, { strategy, logger: false });
await app.listen();

async function ask(keyPair: CurveKeyPair): Promise<string> {
  const connect = [...strategy.boundAddresses];
  const curve = { keyPair, serverKey: server.publicKey };
  const client = new ZmqClient({ pair: 'dealer-router', connect, curve });
  try {
    return String(await lastValueFrom(client.send<number>('sum', [1, 2, 3])));
  } catch (error) {
    return (error as { code: string }).code;
  } finally {
    await client.close();
  }
}

console.log(`friend: ${await ask(friend)}`);
console.log(`stranger: ${await ask(stranger)}`);
console.log(`denied: ${strategy.stats().deniedPeers}`);
await app.close();
