import { numberOf } from './event-number.js';

/** One event as the sidecar applied it. */
export interface AppliedRow {
  /** Read from its quantity; undefined for an event that the test did not send. */
  readonly number: number | undefined;
  /** When the publisher made it, unix epoch seconds. */
  readonly tsSeconds: number;
  /** When the sidecar took it from its socket, unix epoch seconds. */
  readonly receivedAtSeconds: number;
}

const ANSWER_TIMEOUT_MS = 30_000;

function rowOf(line: string): AppliedRow {
  const [ts, , qty, received] = line.split(',').map(Number);
  return {
    number: numberOf(qty ?? Number.NaN),
    tsSeconds: ts ?? Number.NaN,
    receivedAtSeconds: received ?? Number.NaN,
  };
}

/**
 * Every event that this sidecar's process has applied lately, one row for each time: an event that was applied twice has two.
 * @param last how far back, in the form of `/analytics/export`
 * @throws when the sidecar does not answer 200
 */
export async function readApplied(sidecarUrl: string, last = '1h'): Promise<AppliedRow[]> {
  const answer = await fetch(`${sidecarUrl}/analytics/export?format=csv&last=${last}`, {
    signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
  });
  if (!answer.ok) throw new Error(`${sidecarUrl}/analytics/export answered ${answer.status}`);
  const lines = (await answer.text()).split('\n').slice(1, -1);
  return lines.map(rowOf);
}
