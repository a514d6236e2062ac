import { setTimeout as sleep } from 'node:timers/promises';
import { readSnapshot, type SidecarSnapshot } from './metrics-reader.js';

const POLL_MS = 100;
/** Without progress for this long, missing events are lost. */
const STALL_MS = 5_000;

/**
 * Waits until the sidecar has applied as many events as were accepted since `before`, or stops advancing.
 * @returns the last reading, even if events are missing
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

/** Waits until the sidecar applies no more: late events of a failed step must not count in the next. */
export async function waitForQuiet(sidecarUrl: string): Promise<void> {
  let last = await readSnapshot(sidecarUrl);
  for (;;) {
    await sleep(2 * POLL_MS);
    const next = await readSnapshot(sidecarUrl);
    if (next.trades === last.trades) return;
    last = next;
  }
}
