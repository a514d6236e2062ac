// The load's arrivals told apart by their burstiness, with an idle minute among them too (field case 29).
import { register } from 'prom-client';
import { type ArrivalLaw, syntheticPlan } from '../../../bench/load/plan/synthetic-plan.js';
import { BurstinessMetric } from '../src/analytics/metrics/burstiness.metric.js';
import { ReceiveClock } from '../src/analytics/rolling/receive-clock.js';

const START_SECONDS = 1_795_345_871;

class SetClock extends ReceiveClock {
  seconds = START_SECONDS;

  protected override readWall(): number {
    return this.seconds;
  }

  protected override readSteady(): number {
    return this.seconds;
  }
}

/** A trade excites others for about one mean gap: clusters that overlap much more look random by their gaps. */
function lawOf(kind: ArrivalLaw['kind'], ratePerSecond: number): ArrivalLaw {
  return kind === 'hawkes' ? { kind, branchingRatio: 0.7, decaySeconds: 1 / ratePerSecond } : { kind };
}

/** The burstiness of the last five minutes, of trades in two spans of time with a silence in between. */
function burstinessOf(kind: ArrivalLaw['kind'], ratePerSecond: number, silenceSeconds: number): number {
  register.clear();
  const clock = new SetClock();
  const metric = new BurstinessMetric(clock);
  const source = { arrivals: lawOf(kind, ratePerSecond), quantity: { kind: 'fixed' }, seed: 5 } as const;
  for (const { dueSeconds, side, qty } of syntheticPlan(source, ratePerSecond, 100).trades) {
    const at = START_SECONDS + dueSeconds + (dueSeconds < 50 ? 0 : silenceSeconds);
    metric.apply([{ type: 'trade', side, qty, ts: at }], { receivedAtSeconds: at, steadySeconds: at });
    clock.seconds = at;
  }
  return metric.read()['5m'];
}

describe.each([10, 100, 1000])('burstiness of %d trades a second', (ratePerSecond) => {
  it.each([0, 60])(
    'tells fixed, random and self-exciting arrivals apart, with %d idle seconds',
    (silence) => {
      expect(burstinessOf('fixed', ratePerSecond, silence)).toBeLessThan(-0.9);
      expect(Math.abs(burstinessOf('poisson', ratePerSecond, silence))).toBeLessThan(0.1);
      expect(burstinessOf('hawkes', ratePerSecond, silence)).toBeGreaterThan(0.1);
    },
  );
});

describe('burstiness', () => {
  it('of a stream that got slow is that of the slow stream: a silence that goes on is no idle gap', () => {
    register.clear();
    const clock = new SetClock();
    const metric = new BurstinessMetric(clock);
    let at = START_SECONDS;
    for (let trade = 0; trade < 1030; trade += 1) {
      at += trade < 1000 ? 0.001 : 15;
      metric.apply([{ type: 'trade', side: 'buy', qty: 1, ts: at }], {
        receivedAtSeconds: at,
        steadySeconds: at,
      });
    }
    clock.seconds = at;
    expect(metric.read()['5m']).toBeLessThan(-0.9);
  });
});
