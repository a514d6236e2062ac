import { setTimeout as sleep } from 'node:timers/promises';
import { readSnapshot, type SidecarSnapshot } from './metrics.reader.js';

const POLL_MS = 100;
/** Without any advance for so long, what is missing is lost. */
const STALL_MS = 5_000;

/**
 * Waits until the sidecar has applied as many events as were accepted since `before`, or stops advancing.
 * @returns the last reading, whether or not it is enough
 */
export async function waitForApplied(
  sidecarUrl: string,
  before: SidecarSnapshot,
  accepted: number,
): Promise<SidecarSnapshot> {
  let last = await readSnapshot(sidecarUrl);
  let advancedMs = performance.now();
  while (last.trades - before.trades < accepted && performance.now() - advancedMs < STALL_MS) {
    await sleep(POLL_MS);
    const next = await readSnapshot(sidecarUrl);
    if (next.trades > last.trades) advancedMs = performance.now();
    last = next;
  }
  return last;
}

/** Waits until the sidecar has stopped advancing: what a failed step still had on its way must not count in the next. */
export async function waitForQuiet(sidecarUrl: string): Promise<void> {
  let last = await readSnapshot(sidecarUrl);
  for (;;) {
    await sleep(2 * POLL_MS);
    const next = await readSnapshot(sidecarUrl);
    if (next.trades === last.trades) return;
    last = next;
  }
}
