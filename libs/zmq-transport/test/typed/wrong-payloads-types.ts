import type { Observable } from 'rxjs';
import { typedClient, ZmqClient, zmqHandlers, ZmqRecordBuilder } from '../../src/index.js';
import type { Contract, Trade } from './trade-contract.js';

const { OnEvent, OnBatch, OnRequest } = zmqHandlers<Contract>();

/** Never called: the type check of `npm test` is the test. Where a line compiles after all, its directive does not. */
export function whatMustNotCompile(): void {
  const client = typedClient<Contract>(new ZmqClient({ connect: 'inproc://types' }));
  // @ts-expect-error a payload with a wrong side
  client.emit('trade', { side: 'hold', qty: 1 });
  // @ts-expect-error a payload that lacks a field
  client.emit('trade', { side: 'buy' });
  // @ts-expect-error another event's payload
  client.emit('quote', { side: 'buy', qty: 1 });
  // @ts-expect-error an event nobody knows
  client.emit('order', {});
  // @ts-expect-error a request is no event
  client.emit('sum', [1]);
  // @ts-expect-error a wrong request
  client.send('sum', ['1']);
  // @ts-expect-error an event is no request
  client.send('trade', { side: 'buy', qty: 1 });
  // @ts-expect-error the record's payload counts, too
  client.send('sum', new ZmqRecordBuilder('1').build());
  // @ts-expect-error the answer is a number
  const answer: Observable<string> = client.send('sum', [1]);

  class WrongHandlers {
    // @ts-expect-error the parameter is another event's payload
    @OnEvent('trade')
    onTrade(_quote: { bid: number }): void {}

    // @ts-expect-error a batch handler takes an array
    @OnBatch('trade')
    onTrades(_trade: Trade): void {}

    // @ts-expect-error the answer must be a number
    @OnRequest('sum')
    sum(_numbers: number[]): string {
      return '';
    }

    // @ts-expect-error a pattern nobody knows
    @OnEvent('order')
    onOrder(_order: unknown): void {}
  }
  void [answer, WrongHandlers];
}
