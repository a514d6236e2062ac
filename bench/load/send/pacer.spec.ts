import { pace } from './pacer.js';
import type { PlannedTrade, TradePlan } from '../plan/trade-plan.js';
import type { DueTime } from './load-sender.js';

const TRADES: readonly PlannedTrade[] = [0, 0.01, 0.05, 0.06].map((dueSeconds) => ({
  dueSeconds,
  side: 'buy',
  qty: 1,
}));
const PLAN: TradePlan = {
  trades: TRADES,
  ratePerSecond: 50,
  durationSeconds: 0.08,
  description: 'four trades',
};

describe('pace', () => {
  afterEach(() => jest.restoreAllMocks());

  it('dates trades by a system clock that is set while it runs, and counts latency by one that is not', async () => {
    // Both clocks stand still between two ticks, however slow this machine is.
    let nowMs = 1000;
    let backMs = 0;
    jest.spyOn(performance, 'now').mockImplementation(() => nowMs);
    jest.spyOn(Date, 'now').mockImplementation(() => performance.timeOrigin + nowMs - backMs);
    const sent: DueTime[] = [];
    await pace(PLAN, {
      send: (_, due) => {
        sent.push(due);
        if (sent.length === 2) backMs = 3_600_000;
      },
      onLag: () => undefined,
      onTick: () => {
        nowMs += 10;
        return false;
      },
    });
    const [first, second, third, fourth] = sent as [DueTime, DueTime, DueTime, DueTime];
    expect(second.epochSeconds - first.epochSeconds).toBeCloseTo(0.01, 4);
    expect(third.epochSeconds - second.epochSeconds).toBeCloseTo(-3600 + 0.04, 1);
    expect(fourth.epochSeconds - third.epochSeconds).toBeCloseTo(0.01, 4);
    expect(third.clockMs - second.clockMs).toBeCloseTo(40, 6);
    expect(first.clockMs).toBe(1000);
  });
});
