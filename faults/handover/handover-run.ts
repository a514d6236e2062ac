import { waitUntil } from '../../testing/wait.js';
import { HandoverStage, type Shard, type StartTimes } from './handover-stage.js';
import type { RateShares } from './rate-reader.js';

const RULES = ['side:trades:rate1m', 'side:volume:rate1m'] as const;
/** The rate of the counter itself, without a rule. It is low for a minute, as no series spans the hand-over. */
const RAW = 'sum by (side) (max by (side, partition) (rate(trades_total[1m])))';
/** What an expression says that knows nothing of partitions. */
const NAIVE = 'sum by (side) (rate(trades_total[1m]))';
const WINDOW_MS = 60_000;
/**
 * A rate is too high when its window begins in a hand-over: it has the events that waited, and not the time. Seventeen seconds
 * apart, no window begins in one and ends in another, which would hide it.
 */
const APART_MS = 17_000;
const AFTER_MS = 8_000;

const shard = (place: number, index: number, count: number): Shard => ({ place, index, count });
const TWO = [shard(0, 0, 2), shard(1, 1, 2)];
const THREE = [shard(0, 0, 3), shard(1, 1, 3), shard(2, 2, 3)];

interface Step {
  readonly name: string;
  /** The places that are left; they are left before the start of others, unless it says otherwise. */
  readonly leaves: readonly number[];
  /** Of those, the places that are left by SIGKILL. */
  readonly kills?: readonly number[];
  readonly starts: readonly Shard[];
  readonly startsFirst?: boolean;
}

/** The sidecar in place 1 is killed, and started again. */
const killed = (count: number): Step => ({
  name: 'killed',
  leaves: [1],
  kills: [1],
  starts: [shard(1, 1, count)],
});

const STEPS: readonly Step[] = [
  { name: 'stopped', leaves: [1], starts: [shard(1, 1, 2)] },
  killed(2),
  { name: 'COUNT 2 to 3', leaves: [0, 1], starts: THREE },
  killed(3),
  // Nothing comes back to place 1: the two others share its partitions.
  { name: 'host lost', leaves: [0, 1, 2], kills: [1], starts: [shard(0, 0, 2), shard(2, 1, 2)] },
  { name: 'COUNT 2 to 3', leaves: [0, 2], starts: THREE },
  { name: 'COUNT 3 to 2', leaves: [0, 1, 2], starts: TWO },
  killed(2),
  { name: 'successor first', leaves: [1], starts: [shard(2, 1, 2)], startsFirst: true },
];

/** One hand-over. */
export interface HandoverReport {
  readonly name: string;
  readonly isKill: boolean;
  /** Sidecars that were started together. */
  readonly successors: number;
  readonly startSeconds: number;
  /** Of the slowest successor. */
  readonly times: StartTimes;
  /** The ordinary start of a sidecar that was measured a moment before. */
  readonly ordinarySeconds: number;
}

/** The whole run. */
export interface RunReport {
  readonly handovers: readonly HandoverReport[];
  readonly rates: readonly (RateShares & { readonly rule: string })[];
  /** Over ten seconds the events that waited are a part of the rate. */
  readonly brief: RateShares;
  /** Of the counter itself, by partition, without a rule. */
  readonly raw: RateShares;
  readonly naive: RateShares;
  readonly published: number;
  readonly counted: number;
}

async function handOver(stage: HandoverStage, step: Step): Promise<HandoverReport> {
  const ordinarySeconds = await stage.ordinaryStart();
  const startSeconds = Date.now() / 1000;
  const { kills = [] } = step;
  const leave = (): Promise<unknown> =>
    Promise.all(step.leaves.map((place) => stage.end(place, kills.includes(place) ? 'SIGKILL' : 'SIGTERM')));
  if (step.startsFirst !== true) await leave();
  const started = await Promise.all(step.starts.map((each) => stage.start(each)));
  if (step.startsFirst === true) await leave();
  return {
    name: step.name,
    isKill: kills.length > 0,
    successors: started.length,
    startSeconds,
    times: {
      healthy: Math.max(...started.map(({ healthy }) => healthy)),
      counting: Math.max(...started.map(({ counting }) => counting)),
    },
    ordinarySeconds,
  };
}

/** A steady load of five minutes, with hand-overs in its middle. */
export async function runHandovers(
  eventsPerSecond: number,
  onHandover: (report: HandoverReport) => void,
): Promise<RunReport> {
  const stage = await HandoverStage.open(eventsPerSecond);
  try {
    const fromSeconds = Date.now() / 1000;
    await stage.begin(TWO);
    await stage.load.during(WINDOW_MS);
    const handovers: HandoverReport[] = [];
    for (const step of STEPS) {
      const startMs = performance.now();
      const report = await handOver(stage, step);
      handovers.push(report);
      onHandover(report);
      await stage.load.during(startMs + APART_MS - performance.now());
    }
    await stage.load.during(WINDOW_MS + AFTER_MS);
    const toSeconds = Date.now() / 1000;
    const shares = (expression: string): Promise<RateShares> =>
      stage.rates.shares(expression, fromSeconds, toSeconds);
    const ofRules = RULES.map(async (rule) => ({
      rule,
      ...(await shares(await stage.rates.ruleOf(rule))),
    }));
    const rates = await Promise.all(ofRules);
    const raw = await shares(RAW);
    const brief = await shares((await stage.rates.ruleOf(RULES[0])).replaceAll('[1m]', '[10s]'));
    const naive = await shares(NAIVE);
    await stage.load.stop();
    const published = stage.load.total;
    await waitUntil(
      'all in Prometheus',
      async () => (await stage.rates.total('side:trades:total')) >= published,
    );
    const counted = await stage.rates.total('side:trades:total');
    return { handovers, rates, brief, raw, naive, published, counted };
  } finally {
    await stage.close();
  }
}
