/* oxlint-disable no-console -- an example shows what it does */
import { typedClient, ZmqClient } from 'nestjs-zmq-transport';
import { lastValueFrom } from 'rxjs';
import type { StockContract } from './stock-contract.js';

const connect = process.argv[2] ?? '';
const stock = typedClient<StockContract>(new ZmqClient({ pair: 'dealer-router', connect }));

// An event: nobody answers. What is emitted before the stock is open waits for it.
for (let n = 0; n < 300; n += 1) stock.emit('sold', { article: 'apple', pieces: 2 });
// A request: it is behind the events on the same way.
const left = await lastValueFrom(stock.send('left', { article: 'apple' }));
console.log(`shop: ${left} apples left`);
await stock.close();
