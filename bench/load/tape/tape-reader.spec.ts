import * as contract from '@app/contracts';
import { replayPlan } from './replay-plan.js';
import { readTape, TapeError } from './tape-reader.js';
import { MAX_PRICE, SYMBOL } from './tape-row.js';

/** A text in pieces that break inside lines, as a file's chunks do. */
async function* inChunks(text: string): AsyncGenerator<string> {
  for (let at = 0; at < text.length; at += 7) yield text.slice(at, at + 7);
}

const read = (text: string) => readTape('tape.csv', inChunks(text));
const marketOf = async (text: string, symbol?: string) =>
  [...replayPlan(await read(text), { speed: 1, symbol }).trades].map(({ symbol, price }) => ({
    symbol,
    price,
  }));
const trades = async (text: string) => [...replayPlan(await read(text), { speed: 1 }).trades];

const expected = [
  { dueSeconds: 0, side: 'sell', qty: 2.5 },
  { dueSeconds: 0.753, side: 'buy', qty: 0.25 },
];

describe('reading a tape', () => {
  it.each([
    [
      'Binance’s columns without a header, in milliseconds',
      '1,17.8,2.5,44.5,1583709433583,True,True\n2,17.8,0.25,4.45,1583709434336,False,True\n',
    ],
    [
      'Binance’s columns for futures, in microseconds',
      '1,17.8,2.5,44.5,1735689600000000,true\n2,17.8,0.25,4.45,1735689600753000,false',
    ],
    [
      'Binance’s columns with a header',
      'id,price,qty,quote_qty,time,is_buyer_maker\n1,17.8,2.5,44.5,1583709433583,true\n2,17.8,0.25,4.45,1583709434336,false\n',
    ],
    [
      'a header with written times',
      'timestamp,trade_id,price,quantity,buyer_maker\n2020-08-14 10:00:00.223000+00:00,1,423.76,2.50000,True\n2020-08-14 10:00:00.976000+00:00,2,423.74,0.25,False\n',
    ],
    ['ts,side,qty with a header', 'ts,side,qty\n1597399200.223,sell,2.5\n1597399200.976,BUY,0.25\n'],
    [
      'ts,side,qty without one, from Windows',
      '\uFEFF1597399200.223,sell,2.5\r\n1597399200.976,buy,0.25\r\n\r\n',
    ],
  ])('knows %s', async (_form, text) => {
    const read = await trades(text);

    expect(
      read.map(({ side, qty, dueSeconds }) => ({ side, qty, dueSeconds: Number(dueSeconds.toFixed(6)) })),
    ).toEqual(expected);
  });

  it('names every bad row by its line, and reads none of the tape', async () => {
    const text = 'ts,side,qty\n1,buy,1\n2,hold,1\nnow,buy,1\n\n3,sell,-1\n4,sell,\n5,sell\n';

    await expect(read(text)).rejects.toThrow(
      [
        'tape.csv has bad rows: 5',
        '  line 3: "hold" is neither buy nor sell',
        '  line 4: "now" is not a time',
        '  line 6: "-1" is not a quantity of 0 or more',
        '  line 7: "" is not a quantity of 0 or more',
        '  line 8: has 2 columns, not 3 or more',
      ].join('\n'),
    );
  });

  it('names the first ten of many', async () => {
    const rows = Array.from({ length: 25 }, () => '1,17.8,2.5,44.5,x,true').join('\n');

    await expect(read(rows)).rejects.toThrow(/has bad rows: 25\n(?:.*\n){10} {2}and 15 more$/);
  });

  it.each([
    ['a header of other things', 'open,high,low,close\n1,2,3,4\n', /line 1 is not a header that names/],
    ['rows of an unknown width', '1,2\n', /line 1 is not/],
    ['an archive', 'PK\u0003\u0004rest', /is a zip archive: unpack it first/],
    ['nothing', '', /has no trades/],
    ['a header alone', 'ts,side,qty\n', /has no trades/],
  ])('refuses %s', async (_what, text, message) => {
    const reading = read(text);

    await expect(reading).rejects.toBeInstanceOf(TapeError);
    await expect(reading).rejects.toThrow(message);
  });

  it('grows beyond what it began with', async () => {
    const rows = Array.from({ length: 10_000 }, (_, index) => `${index},buy,${index / 4}`);

    const tape = await read(rows.join('\n'));

    expect(tape.count).toBe(10_000);
    expect(tape.at(9_999)).toEqual({ seconds: 9_999, side: 'buy', qty: 2499.75 });
  });
});

describe('symbols and prices of a tape', () => {
  it('are played where it has them', async () => {
    const text = 'ts,side,qty,symbol,price\n1,buy,1,ETH-USD,1930.25\n2,sell,1,,\n3,buy,1,BTC-USD,61000\n';
    expect(await marketOf(text)).toEqual([
      { symbol: 'ETH-USD', price: 1930.25 },
      { symbol: undefined, price: undefined },
      { symbol: 'BTC-USD', price: 61_000 },
    ]);
  });

  it('are those of Binance’s columns, whose symbol the command line gives', async () => {
    const rows = '1,17.8,2.5,44.5,1583709433583,True,True\n2,17.9,0.25,4.45,1583709434336,False,True\n';
    expect(await marketOf(rows, 'ETHUSDT')).toEqual([
      { symbol: 'ETHUSDT', price: 17.8 },
      { symbol: 'ETHUSDT', price: 17.9 },
    ]);
  });

  it('keep the contract’s rules', () => {
    expect({ SYMBOL, MAX_PRICE }).toEqual({ SYMBOL: contract.SYMBOL, MAX_PRICE: contract.MAX_PRICE });
  });

  it('are refused row by row when they break the contract', async () => {
    const text = 'ts,side,qty,symbol,price\n1,buy,1,two words,1\n2,buy,1,A,0\n3,buy,1,A,much\n4,buy,1,A\n';
    await expect(read(text)).rejects.toThrow(
      /4\n {2}line 2: "two words" is not a symbol.*\n {2}line 3: "0" is not a price over 0\n {2}line 4: "much" is not a price over 0\n {2}line 5: has 4 columns, not 5 or more$/,
    );
  });
});

describe('replaying a tape', () => {
  const sweep = '10,buy,1\n10,buy,2\n14,sell,3\n12,sell,4\n20,buy,5\n';

  it('keeps distances, and trades of one moment together', async () => {
    const due = (await trades(sweep)).map(({ dueSeconds }) => dueSeconds);

    expect(due).toEqual([0, 0, 4, 4, 10]);
  });

  it('says how many rows were out of order', async () => {
    expect(replayPlan(await read(sweep), { speed: 1 }).description).toContain('1 of them out of order');
  });

  it('goes as many times as fast as asked', async () => {
    const plan = replayPlan(await read(sweep), { speed: 4 });

    expect([...plan.trades].map(({ dueSeconds }) => dueSeconds)).toEqual([0, 0, 1, 1, 2.5]);
    expect(plan).toMatchObject({ durationSeconds: 2.5, ratePerSecond: 2 });
  });

  it('ends where it is cut', async () => {
    expect([...replayPlan(await read(sweep), { speed: 1 }, 4).trades]).toHaveLength(4);
  });
});
