// Answers about the frame whose trades come at times that a test sets.
import { TRADE_PATTERN } from '@app/contracts';
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
