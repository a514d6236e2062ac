// A feed between real sockets: an exchange that speaks the documented messages, and a publisher or a sidecar's socket.
import { Pull } from 'zeromq';
import { until } from '../../testing/wait.js';
import { PublisherSink } from './deliver/publisher-sink.js';
import { ZmqSink } from './deliver/zmq-sink.js';
import { binanceExchange } from './exchange/binance-exchange.js';
import { coinbaseExchange } from './exchange/coinbase-exchange.js';
import { Feed, type FeedParts } from './feed-run.js';
import { respond, TestExchange, TestPublisher } from './test-exchange.fixture.js';

const SYMBOL = 'ETHUSDT';
const FIRST_US = 1597399200223000;
const QUICK = { firstMs: 2, mostMs: 20 };

/** A message of Binance; the price tells the trade. */
function binance(t: number, change: object = {}): object {
  const data = { e: 'trade', s: SYMBOL, t, p: String(t), q: '0.5', T: FIRST_US + t, m: t % 2 === 0 };
  return { stream: 'ethusdt@trade', data: { ...data, ...change } };
}

function coinbase(trade_id: number, change: object = {}): object {
  const time = '2020-08-14T10:00:00.223456Z';
  const trade = { product_id: 'ETH-USD', size: '0.5', price: String(trade_id), side: 'sell', time };
  return { type: 'match', trade_id, ...trade, ...change };
}

function beat(last_trade_id: number, product_id = 'ETH-USD'): object {
  return { type: 'heartbeat', product_id, last_trade_id };
}

let exchange: TestExchange;
let publisher: TestPublisher;
let feed: Feed;
let lines: string[];

beforeEach(async () => {
  exchange = await TestExchange.start();
  publisher = await TestPublisher.start();
  lines = [];
});
afterEach(async () => {
  await feed.finish(0);
  await exchange.stop();
  await publisher.stop();
});

function start(change: Partial<FeedParts> = {}): void {
  feed = new Feed({
    exchange: binanceExchange,
    symbols: [SYMBOL],
    from: exchange.address,
    sink: new PublisherSink(publisher.url),
    capacity: 1000,
    say: (line) => lines.push(line),
    backOff: QUICK,
    ...change,
  });
  feed.open();
}
const startCoinbase = (change: Partial<FeedParts> = {}): void =>
  start({ exchange: coinbaseExchange, symbols: ['ETH-USD'], ...change });

const deliveredPrices = (): number[] =>
  publisher.posts.flatMap(({ items }) => items.map(({ price }) => price));
const heard = (count: number): Promise<void> => until(() => feed.tally.messages >= count);

describe('a feed from Binance', () => {
  it('asks for the trades of its symbols, and posts each with the taker’s side', async () => {
    start();
    await exchange.connected();
    expect(exchange.paths).toEqual(['/stream?streams=ethusdt@trade&timeUnit=MICROSECOND']);
    exchange.send(binance(1), binance(2));
    await heard(2);
    expect(await feed.finish(5000)).toBe(true);
    expect(publisher.posts.flatMap(({ items }) => items)).toEqual([
      { side: 'buy', qty: 0.5, symbol: SYMBOL, price: 1 },
      { side: 'sell', qty: 0.5, symbol: SYMBOL, price: 2 },
    ]);
    expect(feed.totals).toEqual({ accepted: 2, refused: {}, dropped: 0, waiting: 0 });
  });

  it('answers pings with their payload', async () => {
    start();
    await exchange.connected();
    exchange.client.ping('1672515782136');
    await until(() => exchange.pongs.length > 0);
    expect(exchange.pongs).toEqual(['1672515782136']);
  });

  it('sends each trade once: late ones too, and counts those that never came', async () => {
    start();
    await exchange.connected();
    exchange.send(...[10, 11, 15, 13, 15, 11, 13, 16].map((id) => binance(id)));
    await heard(8);
    await feed.finish(5000);
    expect(deliveredPrices()).toEqual([10, 11, 15, 13, 16]);
    expect(feed.tally).toMatchObject({ trades: 5, duplicates: 3, outOfOrder: 1, missing: { [SYMBOL]: 2 } });
    expect(lines).toContain(`${SYMBOL}: 3 trades are missing`);
    expect(lines.at(-1)).toContain(`duplicates 3, out of order 1, without a time 0, missing 2 (${SYMBOL} 2)`);
  });

  it('goes on after what it cannot read, and counts it by reason', async () => {
    start();
    await exchange.connected();
    for (const bytes of ['{', '', '[]', 'null', '5', '"x"', '{"e":"trade"', '\u0000'])
      exchange.client.send(bytes);
    exchange.client.send(Buffer.from([1, 2, 3]), { binary: true });
    exchange.send(
      binance(1, { s: 'BTCUSDT' }),
      binance(1, { s: undefined }),
      binance(1, { t: '1' }),
      binance(1, { m: 1 }),
      binance(1, { q: '-1' }),
      binance(1, { q: '9'.repeat(40) }),
      binance(1, { p: '0' }),
      binance(1, { p: 7 }),
      JSON.parse('{"__proto__":{"e":"trade"},"e":"depthUpdate"}'),
      binance(1, { T: 'noon' }),
      binance(2),
    );
    await heard(20);
    expect(await feed.finish(5000)).toBe(true);
    expect(feed.tally.malformed).toEqual({
      not_text: 1,
      not_json: 4,
      not_an_object: 4,
      invalid_symbol: 2,
      invalid_id: 1,
      invalid_side: 1,
      invalid_qty: 2,
      invalid_price: 2,
    });
    expect(deliveredPrices()).toEqual([1, 2]);
    expect(feed.tally.retimed).toBe(1);
  });

  it('comes back after every loss, and notices what it missed', async () => {
    start();
    await exchange.connected();
    exchange.send(binance(1));
    await heard(1);
    exchange.client.terminate();
    await exchange.connected(2);
    exchange.send(binance(2));
    await heard(2);
    // As Binance does after 24 hours.
    exchange.client.close(1001, 'Going\u001B away');
    await exchange.connected(3);
    exchange.send(binance(5));
    await heard(3);
    await feed.finish(5000);
    expect(deliveredPrices()).toEqual([1, 2, 5]);
    expect(feed.tally).toMatchObject({ connections: 3, missing: { [SYMBOL]: 2 } });
    expect(lines.join('\n')).toMatch(
      /^binance: closed with 1001 \(Going {2}away\); connects again in 0\.0 s$/m,
    );
  });

  it('leaves a peer that says nothing any more', async () => {
    start({ silenceMs: 30 });
    await exchange.connected(2);
    expect(lines.join('\n')).toContain('binance: nothing came for too long; connects again');
  });

  it('takes a new connection before it leaves the old one, when Binance asks for it', async () => {
    start();
    await exchange.connected();
    exchange.send(
      binance(1),
      { e: 'serverShutdown', E: 1770123456789 },
      { e: 'serverShutdown', E: 1770123456789 },
    );
    const [old] = exchange.connections;
    await exchange.connected(2);
    await until(() => old?.readyState === old?.CLOSED);
    exchange.send(binance(2));
    await heard(4);
    await feed.finish(5000);
    expect(exchange.connections).toHaveLength(2);
    expect(deliveredPrices()).toEqual([1, 2]);
    expect(lines.join('\n')).not.toContain('connects again');
  });

  it('waits as long as it is asked to, and comes in when it may', async () => {
    exchange.denial = { status: 429, headers: ['retry-after: 1'] };
    start();
    await until(() => lines.some((line) => line.includes('it answered 429; connects again in 1.0 s')));
    exchange.denial = undefined;
    await exchange.connected();
    expect(exchange.paths).toHaveLength(2);
  });

  it('ends where it is not let in', async () => {
    exchange.denial = { status: 451 };
    start();
    await until(() => feed.failed.aborted);
    expect(feed.failed.reason).toEqual(new Error('binance refuses the connection: it answered 451'));
  });
});

describe('a feed from Coinbase', () => {
  it('subscribes anew on every connection, and goes on after the last match that it knows', async () => {
    startCoinbase();
    await exchange.connected();
    exchange.send({ type: 'subscriptions', channels: [] }, coinbase(7, { type: 'last_match' }));
    exchange.send(coinbase(8), { type: 'heartbeat', product_id: 'ETH-USD', last_trade_id: 8, sequence: 1 });
    await heard(4);
    // A connection that is cut before it is read takes the subscription with it.
    await until(() => exchange.received.length === 1);
    exchange.client.terminate();
    await exchange.connected(2);
    // The last match may be known, or be one that was missed.
    exchange.send(coinbase(10, { type: 'last_match', side: 'buy' }), coinbase(10));
    await heard(6);
    await until(() => exchange.received.length === 2);
    await feed.finish(5000);
    const subscription = { type: 'subscribe', product_ids: ['ETH-USD'], channels: ['matches', 'heartbeat'] };
    expect(exchange.received.map((message) => JSON.parse(message) as unknown)).toEqual([
      subscription,
      subscription,
    ]);
    expect(publisher.posts.flatMap(({ items }) => items)).toEqual([
      { side: 'buy', qty: 0.5, symbol: 'ETH-USD', price: 8 },
      { side: 'sell', qty: 0.5, symbol: 'ETH-USD', price: 10 },
    ]);
    expect(feed.tally).toMatchObject({ duplicates: 1, missing: { 'ETH-USD': 1 } });
  });

  it('learns from a heartbeat what has not come', async () => {
    startCoinbase();
    await exchange.connected();
    exchange.send(beat(1), coinbase(2), beat(5), beat(9, 'BTC-USD'), coinbase(4));
    await heard(5);
    expect(feed.tally).toMatchObject({ outOfOrder: 1, missing: { 'ETH-USD': 2 } });
    expect(feed.tally.malformed.invalid_symbol).toBe(1);
  });

  it('ends with the reason when it is refused', async () => {
    startCoinbase();
    await exchange.connected();
    exchange.send({
      type: 'error',
      message: 'Failed to subscribe',
      reason: 'ETH-USD is not a valid product',
    });
    await until(() => feed.failed.aborted);
    expect(feed.failed.reason).toEqual(
      new Error('coinbase refuses: Failed to subscribe: ETH-USD is not a valid product'),
    );
  });
});

describe('an exchange that complains later', () => {
  it('is heard, and the feed goes on', async () => {
    startCoinbase();
    await exchange.connected();
    exchange.send(coinbase(1), { type: 'error', message: 'slow consumer' }, coinbase(2));
    await heard(3);
    expect(await feed.finish(5000)).toBe(true);
    expect(feed.failed.aborted).toBe(false);
    expect(lines).toContain('coinbase says: slow consumer');
    expect(deliveredPrices()).toEqual([1, 2]);
  });
});

describe('a feed to a publisher', () => {
  it('keeps order and count while the publisher refuses, loses the connection or takes only a part', async () => {
    const outbox = [{ field: 'outbox', rule: 'capacity', message: '' }];
    publisher.script.push(
      (_, response) => respond(response, 503, { detail: 'full' }),
      (_, response) => respond(response, 429, {}, { 'retry-after': '0' }),
      (_, response) => response.destroy(),
      (_, response) => response.writeHead(202).write('{"accep', () => response.destroy()),
      (post, response) =>
        respond(
          response,
          202,
          { accepted: 1, refused: post.items.slice(1).map((_, at) => ({ index: at + 1, errors: outbox })) },
          { 'retry-after': '0' },
        ),
    );
    start();
    await exchange.connected();
    exchange.send(binance(1), binance(2), binance(3));
    await heard(3);
    expect(await feed.finish(10_000)).toBe(true);
    expect(feed.totals).toEqual({ accepted: 3, refused: {}, dropped: 0, waiting: 0 });
    // Until an answer said what was taken, the batch and its key stayed the same.
    const [first, ...others] = publisher.posts;
    expect(new Set(publisher.posts.slice(0, 5).map(({ key }) => key))).toEqual(new Set([first?.key]));
    expect(publisher.posts.slice(0, 5).map(({ items }) => items.length)).toEqual(
      Array.from({ length: 5 }, () => first?.items.length),
    );
    expect(others.at(-1)?.key).not.toBe(first?.key);
    expect(others.at(-1)?.items.at(-1)?.price).toBe(3);
    expect(lines.join('\n')).toMatch(
      /takes nothing \(503 full\); \d trades wait\n(?:.*\n)*.*takes trades again/,
    );
  });

  it('halves its posts until they are small enough', async () => {
    const most = 3;
    const bounded = (post: { items: readonly object[] }, response: Parameters<typeof respond>[0]): void => {
      publisher.script.push(bounded);
      if (post.items.length > most) respond(response, 413, {});
      else respond(response, 202, { accepted: post.items.length, refused: [] });
    };
    publisher.script.push(bounded);
    start();
    await exchange.connected();
    exchange.send(...Array.from({ length: 20 }, (_, index) => binance(index + 1)));
    await heard(20);
    expect(await feed.finish(5000)).toBe(true);
    const taken = publisher.posts.filter(({ items }) => items.length <= most);
    expect(taken.flatMap(({ items }) => items.map(({ price }) => price))).toEqual(
      Array.from({ length: 20 }, (_, index) => index + 1),
    );
  });

  it('counts what the publisher refuses for good, by field and rule', async () => {
    publisher.script.push(
      (_, response) =>
        respond(response, 400, { refused: [{ index: 0, errors: [{ field: 'qty', rule: 'maximum' }] }] }),
      (_, response) => respond(response, 409, {}),
    );
    start();
    await exchange.connected();
    exchange.send(binance(1));
    await until(() => feed.totals.refused['qty maximum'] === 1);
    exchange.send(binance(2));
    await until(() => feed.totals.refused['Idempotency-Key unknown_outcome'] === 1);
    exchange.send(binance(3));
    await heard(3);
    expect(await feed.finish(5000)).toBe(false);
    expect(feed.totals).toMatchObject({ accepted: 1, waiting: 0 });
  });

  it('ends when the publisher will take nothing', async () => {
    publisher.script.push((_, response) => respond(response, 401, { detail: 'a token\u0007 is needed' }));
    start();
    await exchange.connected();
    exchange.send(binance(1));
    await until(() => feed.failed.aborted);
    expect(feed.failed.reason).toEqual(new Error(`${publisher.url} takes no trade: 401 a token  is needed`));
    expect(feed.totals).toMatchObject({ accepted: 0, waiting: 1 });
  });

  it('holds a bounded number, drops and counts the rest, and says at its end what is left', async () => {
    const refuse = (_: unknown, response: Parameters<typeof respond>[0]): void => {
      publisher.script.push(refuse);
      respond(response, 503, {});
    };
    publisher.script.push(refuse);
    start({ capacity: 5 });
    await exchange.connected();
    exchange.send(...Array.from({ length: 12 }, (_, index) => binance(index + 1)));
    await heard(12);
    expect(feed.totals).toMatchObject({ accepted: 0, dropped: 7, waiting: 5 });
    expect(await feed.finish(30)).toBe(false);
    expect(lines).toContainEqual('delivered: accepted 0, refused 0, dropped 7, given up 5');
  });
});

describe('a feed to a sidecar', () => {
  it('pushes the contract’s events, with the exchange’s time', async () => {
    const pull = new Pull({ linger: 0 });
    await pull.bind('tcp://127.0.0.1:*');
    start({ sink: new ZmqSink(String(pull.lastEndpoint)) });
    await exchange.connected();
    exchange.send(binance(1), binance(2, { T: 1597399200976 }));
    const events: unknown[] = [];
    while (events.length < 2) events.push(...(JSON.parse(String((await pull.receive())[0])) as unknown[]));
    expect(await feed.finish(5000)).toBe(true);
    expect(events).toEqual([
      { type: 'trade', side: 'buy', qty: 0.5, ts: 1597399200.223001, symbol: SYMBOL, price: 1 },
      { type: 'trade', side: 'sell', qty: 0.5, ts: 1597399200.976, symbol: SYMBOL, price: 2 },
    ]);
    pull.close();
  });

  it('gives up at its end what no sidecar took', async () => {
    start({ sink: new ZmqSink('tcp://127.0.0.1:9') });
    await exchange.connected();
    exchange.send(binance(1));
    await heard(1);
    expect(await feed.finish(20)).toBe(false);
    expect(feed.totals).toMatchObject({ accepted: 0, waiting: 1 });
  });
});
