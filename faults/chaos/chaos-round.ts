import { setTimeout as sleep } from 'node:timers/promises';
import type { RandomSource } from '@app/trade-model';
import { readApplied } from '../oracle/applied-rows.js';
import { scrape } from '../../testing/samples.js';
import { readTotals, type Totals } from '../oracle/totals.js';
import type { ChaosStage } from './chaos-stage.js';
import type { PostFeeders } from './post-feeders.js';
import { roundBook } from './round-book.js';
import { checkRound, type RoundVerdict } from './round-check.js';
import { drawVictim, strike, type Victim } from './victim.js';

/** The outcome of one round. */
export interface RoundReport extends RoundVerdict {
  readonly victim: Victim;
  /** Share of the round's events that were accepted before the kill. */
  readonly killedAtShare: number;
  readonly accepted: number;
  readonly after: Totals;
}

/** Shares of a round's events by way of posts: the direct producer sends the rest. */
const SINGLE_SHARE = 0.15;
const BULK_SHARE = 0.55;
const MAX_JITTER_MS = 20;
const POLL_MS = 50;
const SETTLE_TIMEOUT_MS = 60_000;

/** Accepted events were still not applied after a minute of rest. */
export class NotSettledError extends Error {
  readonly code = 'ERR_CHAOS_NOT_SETTLED';
}

/** Waits until everything that was kept is acknowledged. @throws NotSettledError */
async function settle({ stack, direct }: ChaosStage): Promise<void> {
  const deadlineMs = performance.now() + SETTLE_TIMEOUT_MS;
  for (;;) {
    const kept = (await scrape(`${stack.publisherUrl}/metrics`)).get('trading_spool_events') ?? 0;
    const { open, unacknowledged } = await direct.readReport();
    if (kept === 0 && open === 0 && unacknowledged === 0) return;
    if (performance.now() > deadlineMs)
      throw new NotSettledError(
        `after ${SETTLE_TIMEOUT_MS / 1000} s the publisher still keeps ${kept} events, the direct producer ` +
          `${unacknowledged}, and ${open} of its events are not accepted`,
      );
    await sleep(POLL_MS);
  }
}

/** Runs one round: load from all sides, one kill at a random moment, and the check once everything is at rest. */
export async function runRound(
  stage: ChaosStage,
  feeders: PostFeeders,
  random: RandomSource,
  { events, before }: { readonly events: number; readonly before: Totals },
): Promise<RoundReport> {
  const victim = drawVictim(random);
  const killedAtShare = 0.05 + 0.9 * random.uniform();
  const jitterMs = random.uniform() * MAX_JITTER_MS;
  const single = Math.round(events * SINGLE_SHARE);
  const bulk = Math.round(events * BULK_SHARE);
  let accepted = 0;
  const untilMoment = new Promise<void>((resolve) => {
    const count = (more: number): void => {
      accepted += more;
      if (accepted >= killedAtShare * events) resolve();
    };
    feeders.onAccepted = count;
    stage.direct.onAccepted = count;
  });
  const striking = untilMoment.then(async () => {
    await sleep(jitterMs);
    await strike(stage, victim, random);
  });
  stage.direct.emit(events - single - bulk);
  await Promise.all([feeders.feed({ single, bulk }), striking]);
  await settle(stage);
  const after = await readTotals(stage.stack.sidecarUrl);
  const book = roundBook(feeders.takeEntries(), stage.direct.takeEntries());
  const rows = await readApplied(stage.stack.sidecarUrl);
  const areRowsComplete = !victim.includes('sidecar');
  const verdict = checkRound({ book, before, after, rows, areRowsComplete });
  return { victim, killedAtShare, accepted: book.accepted.size, after, ...verdict };
}
