// Answers about the frame whose trades come at times that a test sets.
import { TRADE_PATTERN, type TradeEvent } from '@app/contracts';
import { TradeFrame, TurnQueue } from '../src/analytics/frame/trade-frame.js';
import { FrameQuestions } from '../src/http/questions/frame-questions.js';
import { SetClock } from './set-clock.js';
import { STREAM_START_SECONDS } from './trade-stream-arbitrary.js';

describe('interarrival', () => {
  it('counts what its histogram counts: idle gaps too, which are no part of mean and burstiness', async () => {
    const clock = new SetClock();
    const frame = new TradeFrame(1000);
    let at = STREAM_START_SECONDS;
    for (let trade = 0; trade <= 40; trade += 1) {
      at += trade === 20 ? 30 : 0.1;
      clock.moveTo(at);
      const receipt = { receivedAtSeconds: at, steadySeconds: clock.advance(at) };
      frame.apply([{ type: TRADE_PATTERN, side: 'buy', qty: 1, ts: at }], receipt);
    }
    const questions = new FrameQuestions(frame, new TurnQueue(), clock);
    const { count, histogram, mean } = await questions.interarrival({
      side: 'all',
      symbol: undefined,
      lastSeconds: 300,
    });
    expect(count).toBe(40);
    expect(histogram.at(-1)?.count).toBe(count);
    expect(mean).toBeCloseTo(0.1, 3);
  });
});

const MOST_SYMBOLS = 2 ** 16 - 1;

function take(frame: TradeFrame, from: number, symbols: number): void {
  for (let at = from; at < from + symbols; at += 1000) {
    const length = Math.min(1000, from + symbols - at);
    const trades = Array.from({ length }, (_, index): TradeEvent => ({
      type: TRADE_PATTERN,
      side: 'buy',
      qty: 1,
      ts: at,
      symbol: `S${at + index}`,
    }));
    frame.apply(trades, { receivedAtSeconds: at, steadySeconds: at });
  }
}

describe('bars', () => {
  it.each(['trades', 'volume'] as const)(
    'by %s may be as many as an answer has, and not one more',
    async (by) => {
      const clock = new SetClock();
      const frame = new TradeFrame(1000);
      const questions = new FrameQuestions(frame, new TurnQueue(), clock);
      const count = async (most: number): Promise<number | undefined> => {
        const rows = { side: 'all', symbol: undefined, lastSeconds: 60 } as const;
        return (await questions.bars(by, 1, rows, most, () => true))?.bars.length;
      };
      clock.moveTo(STREAM_START_SECONDS);
      const ts = clock.advance(STREAM_START_SECONDS);
      const trades = Array.from({ length: 20 }, (): TradeEvent => ({
        type: TRADE_PATTERN,
        side: 'buy',
        qty: 1,
        ts,
      }));
      frame.apply(trades, { receivedAtSeconds: ts, steadySeconds: ts });
      expect(await count(20)).toBe(20);
      expect(await count(19)).toBeUndefined();
    },
  );
});

describe('the frame', () => {
  it('tells new symbols apart after any number of them, once rows of older ones are gone', () => {
    const frame = new TradeFrame(1000);
    take(frame, 0, 5 * MOST_SYMBOLS);
    const wrong: number[] = [];
    for (let row = frame.first; row < frame.end; row += 1)
      if (frame.symbolAt(row) !== `S${row}`) wrong.push(row);
    expect(wrong).toEqual([]);
  });

  it('has more symbols than it can tell apart as other, and its own rows keep theirs', () => {
    const frame = new TradeFrame(2 * MOST_SYMBOLS);
    take(frame, 0, MOST_SYMBOLS + 500);
    expect([0, 1000, MOST_SYMBOLS - 2].map((row) => frame.symbolAt(row))).toEqual([
      'S0',
      'S1000',
      `S${MOST_SYMBOLS - 2}`,
    ]);
    expect(frame.symbolAt(frame.end - 1)).toBe('other');
    take(frame, frame.end, 2 * MOST_SYMBOLS);
    take(frame, frame.end, 10);
    expect(frame.symbolAt(frame.end - 1)).toBe(`S${frame.end - 1}`);
    expect(frame.symbolAt(frame.first + MOST_SYMBOLS)).not.toBe(frame.symbolAt(frame.end - 1));
  });
});
