import type { TradeEvent } from '@app/contracts';
import fc from 'fast-check';

/** A trade and the time its message was taken from the socket, as a clock said it: it may step back. */
export interface ArrivedTrade {
  readonly trade: TradeEvent;
  readonly receivedAtSeconds: number;
}

const START_SECONDS = 1_795_345_871.25;

/** How much later than the one before a trade comes: in the same batch, soon, after a gap, after the longest window, or a clock step back. */
const gapSeconds = fc.oneof(
  { weight: 4, arbitrary: fc.constant(0) },
  { weight: 6, arbitrary: fc.double({ min: 0, max: 0.2, noNaN: true }) },
  { weight: 3, arbitrary: fc.double({ min: 0, max: 20, noNaN: true }) },
  { weight: 1, arbitrary: fc.double({ min: 50, max: 700, noNaN: true }) },
  { weight: 1, arbitrary: fc.double({ min: -3600, max: -0.02, noNaN: true }) },
);

/** A trade's own time against its receipt: usual, the same again and again, long past, or of the future. */
const latenessSeconds = fc.oneof(
  fc.double({ min: 0, max: 0.01, noNaN: true }),
  fc.constant(0),
  fc.double({ min: -1000, max: 1000, noNaN: true }),
);

const qty = fc.oneof(
  fc.double({ min: 0, max: 100, noNaN: true }),
  fc.constant(0),
  // Large and close together: where a plain sum of squares has nothing left.
  fc.double({ min: 1e9, max: 1e9 + 1, noNaN: true }),
);

/** Random streams with bursts, idle gaps, clock steps, and `ts` out of order, repeated and of the future. */
export const tradeStream: fc.Arbitrary<ArrivedTrade[]> = fc
  .array(
    fc.record({ gapSeconds, latenessSeconds, qty, side: fc.constantFrom('buy' as const, 'sell' as const) }),
    { maxLength: 300, size: 'max' },
  )
  .map((steps) => {
    let receivedAtSeconds = START_SECONDS;
    return steps.map((step, index) => {
      // Nothing is received before the clock was first read.
      if (index > 0) receivedAtSeconds += step.gapSeconds;
      const ts = receivedAtSeconds - step.latenessSeconds;
      return { receivedAtSeconds, trade: { type: 'trade', side: step.side, qty: step.qty, ts } };
    });
  });

/** How much time passes between two receipts: the gap, or a moment in which the clock was set back. */
export function elapsed(gapSeconds: number): number {
  return gapSeconds < 0 ? 0.001 : gapSeconds;
}

/** The times that analysis must use: as long after each other as time has passed, whatever the clock was set to. */
export function steadyTimes(stream: readonly ArrivedTrade[]): number[] {
  let [time, before] = [START_SECONDS, START_SECONDS];
  return stream.map(({ receivedAtSeconds }) => {
    time += elapsed(receivedAtSeconds - before);
    before = receivedAtSeconds;
    return time;
  });
}

/** Time at which a stream starts, in unix epoch seconds. */
export const STREAM_START_SECONDS = START_SECONDS;
