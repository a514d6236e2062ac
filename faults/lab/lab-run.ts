import { setTimeout as sleep } from 'node:timers/promises';
import { readApplied } from '../oracle/applied-rows.js';
import { countOf, readTotals } from '../oracle/totals.js';
import { TradePoster } from '../oracle/trade-poster.js';
import type { Disturbance } from './disturbance-catalogue.js';
import { LabBench } from './lab-bench.js';
import type { DeliveryMode } from './mode-catalogue.js';
import { PacedLoad } from './paced-load.js';
import { drawUp, type RunAccount } from './run-account.js';

/** The load of every run. */
export interface LoadSettings {
  readonly eventsPerSecond: number;
  readonly seconds: number;
}

/** One row of the table. */
export interface LabResult extends RunAccount {
  readonly mode: string;
  readonly disturbance: string;
}

const POLL_MS = 100;
/**
 * Counters that stand still for this long will not move again: it is longer than any wait of the transport for a new
 * connection.
 */
const QUIET_MS = 4_000;
/** The same once every event has arrived: any further event would be a duplicate. */
const COMPLETE_QUIET_MS = 1_000;
/** How long the load goes on after a disturbance, at least. */
const SHOW_RECOVERY_MS = 1_500;
/** The share of the load that runs before anything happens. */
const CALM_SHARE = 0.25;

/** Waits until the counters stand still. @returns what they say */
async function settledCount(sidecarUrl: string, expected: number): Promise<number> {
  let count = countOf(await readTotals(sidecarUrl));
  let changedMs = performance.now();
  while (performance.now() - changedMs < (count >= expected ? COMPLETE_QUIET_MS : QUIET_MS)) {
    await sleep(POLL_MS);
    const next = countOf(await readTotals(sidecarUrl));
    if (next !== count) changedMs = performance.now();
    count = next;
  }
  return count;
}

/** Runs one mode through one disturbance, with apps of its own. */
export async function runLabCase(
  mode: DeliveryMode,
  disturbance: Disturbance,
  { eventsPerSecond, seconds }: LoadSettings,
): Promise<LabResult> {
  const bench = await LabBench.start(mode);
  const poster = new TradePoster(bench.stack.publisherUrl);
  try {
    let isDisturbed = true;
    const loading = new PacedLoad(poster, eventsPerSecond).run(seconds, () => isDisturbed);
    await sleep(seconds * 1000 * CALM_SHARE);
    const disturbanceOverAtSeconds = await disturbance.happen(bench);
    // New events must follow the disturbance: they show the recovery.
    if (disturbanceOverAtSeconds !== undefined) await sleep(SHOW_RECOVERY_MS);
    isDisturbed = false;
    const load = await loading;
    const counted = await settledCount(bench.stack.sidecarUrl, load.accepted.size);
    const rows = [...bench.earlierRows, ...(await readApplied(bench.stack.sidecarUrl))];
    const countsOutlivedRows = mode.keepsState && bench.earlierRows.length > 0;
    return {
      mode: mode.name,
      disturbance: disturbance.name,
      ...drawUp({ load, rows, counted, countsOutlivedRows, disturbanceOverAtSeconds }),
    };
  } finally {
    poster.close();
    await bench.close();
  }
}
