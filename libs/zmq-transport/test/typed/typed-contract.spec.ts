import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { Test } from '@nestjs/testing';
import { lastValueFrom, type Observable, of, toArray } from 'rxjs';
import {
  typedClient,
  ZmqClient,
  ZmqContext,
  zmqHandlers,
  ZmqRecordBuilder,
  ZmqServer,
} from '../../src/index.js';
import { until } from '../harness/until.js';
import type { Contract, Trade } from './trade-contract.js';

const { OnEvent, OnBatch, OnRequest } = zmqHandlers<Contract>();

@Controller()
class Handlers {
  readonly trades: Trade[] = [];
  readonly bids: number[][] = [];

  @OnEvent('trade')
  onTrade(@Payload() trade: Trade, @Ctx() context: ZmqContext): void {
    this.trades.push({ ...trade, qty: context.receivedAtSeconds > 0 ? trade.qty : Number.NaN });
  }

  @OnBatch('quote')
  onQuotes(@Payload() quotes: { bid: number }[]): void {
    this.bids.push(quotes.map(({ bid }) => bid));
  }

  @OnRequest('sum')
  sum(@Payload() numbers: number[]): number {
    return numbers.reduce((a, b) => a + b, 0);
  }

  @OnRequest('count')
  count(@Payload() { to }: { to: number }): Observable<number> {
    return of(...Array.from({ length: to }, (_, n) => n));
  }
}

describe('a typed contract', () => {
  it('brings events, batches and requests to the handlers it types', async () => {
    const module = await Test.createTestingModule({ controllers: [Handlers] }).compile();
    const server = new ZmqServer({ pair: 'dealer-router', bind: 'tcp://127.0.0.1:*' });
    const app = module.createNestMicroservice({ strategy: server, logger: false });
    await app.listen();
    const connect = [...server.boundAddresses];
    const client = typedClient<Contract>(new ZmqClient({ pair: 'dealer-router', connect }));
    const handlers = app.get(Handlers);

    client.emit('trade', { side: 'buy', qty: 2 });
    client.emit('quote', { bid: 1 });
    const sum: number = await lastValueFrom(client.send('sum', [1, 2]));
    const timed = client.send('count', new ZmqRecordBuilder({ to: 3 }).setTimeout(5000).build());

    expect(sum).toBe(3);
    expect(await lastValueFrom(timed.pipe(toArray()))).toEqual([0, 1, 2]);
    await until(() => handlers.trades.length === 1 && handlers.bids.length === 1);
    expect(handlers.trades).toEqual([{ side: 'buy', qty: 2 }]);
    expect(handlers.bids).toEqual([[1]]);
    await client.close();
    await app.close();
  });
});
