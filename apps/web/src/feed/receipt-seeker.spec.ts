import { ProblemError } from '../net/problem-error.js';
import { Tape } from '../tape/tape-model.js';
import type { Receipt } from './feed-items.js';
import { ReceiptSeeker } from './receipt-seeker.js';

const trade = { side: 'buy', qty: 1, ts: 100 } as const;
const receipt: Receipt = { kind: 'trade', ...trade, receivedAtSeconds: 130, latencySeconds: 30 };

/** A seeker with one open row, and the answers that the sidecar gives, one after the other, then nothing. */
function seekerOf(...answers: (Receipt[] | Error)[]) {
  const tape = new Tape(10);
  tape.emitted(trade, { mine: true });
  const asked: number[] = [];
  const seeker = new ReceiptSeeker(tape, (seconds) => {
    asked.push(seconds);
    const answer = answers.shift() ?? [];
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  });
  const tickUntil = async (from: number, to: number, isSettled = true): Promise<void> => {
    for (let now = from; now <= to; now += 1) await seeker.tick({ nowSeconds: now, isSettled });
  };
  return { tape, asked, seeker, tickUntil };
}

describe('ReceiptSeeker', () => {
  it('asks for what waited once the queue is empty, and not before', async () => {
    const { tape, asked, seeker, tickUntil } = seekerOf([receipt]);
    await tickUntil(101, 129, false);
    expect(asked).toEqual([]);
    await tickUntil(130, 135);
    expect(asked).toEqual([31]);
    expect(seeker.settledAtSeconds).toBe(130);
    expect(tape.newest()).toMatchObject([{ stage: 'received', latencySeconds: 30 }]);
  });

  it('asks again some seconds later when the receipt was not there yet', async () => {
    const { tape, tickUntil } = seekerOf([], [receipt]);
    await tickUntil(130, 133);
    expect(tape.newest()).toMatchObject([{ stage: 'received' }]);
  });

  it('gives a row up that is not there in the end, so that the sidecar is not asked for ever', async () => {
    const { asked, tickUntil } = seekerOf();
    await tickUntil(130, 200);
    expect(asked).toHaveLength(3);
  });

  it('leaves the first two seconds to the stream', async () => {
    const { asked, tickUntil } = seekerOf([receipt]);
    await tickUntil(100, 101);
    expect(asked).toEqual([]);
  });

  it('says why it cannot ask, and asks again ever more rarely until it can', async () => {
    const cut = new ProblemError(0, 'the answer was cut short');
    const { tape, asked, seeker, tickUntil } = seekerOf(cut, cut, [receipt]);
    await tickUntil(130, 134);
    expect(seeker.fault).toBe('the answer was cut short');
    expect(asked).toHaveLength(2);
    await tickUntil(135, 150);
    expect(seeker.fault).toBeUndefined();
    expect(tape.newest()).toMatchObject([{ stage: 'received' }]);
  });
});
