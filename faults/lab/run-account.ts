import type { AppliedRow } from '../oracle/applied-rows.js';
import type { LoadResult } from './paced-load.js';

/** Quantiles of the time from an event's `ts` to its reception, in milliseconds; undefined when nothing was received. */
export interface LatencyFigures {
  readonly p50: number | undefined;
  readonly p99: number | undefined;
  readonly p999: number | undefined;
}

/** The outcome of the events of one run. */
export interface RunAccount {
  readonly offered: number;
  /** Accepted by the publisher. */
  readonly sent: number;
  /** Accepted events that were applied, each counted once. */
  readonly applied: number;
  readonly lost: number;
  /** Applications beyond the first of an event. */
  readonly duplicated: number;
  /** Events sent to a publisher that died before it answered, and how many of them were applied. */
  readonly unknown: number;
  readonly unknownApplied: number;
  /** `trades_total` of both sides at the end, as Prometheus would read it. */
  readonly counted: number;
  readonly latencyMs: LatencyFigures;
  /** From the end of the disturbance to the reception of the first event made after it. */
  readonly recoverySeconds: number | undefined;
}

/** The input of an account. */
export interface RunObservation {
  readonly load: LoadResult;
  /** One row for each time that an event was applied, as far as they could be read. */
  readonly rows: readonly AppliedRow[];
  /** The counters at the end. */
  readonly counted: number;
  /** Whether a killed sidecar left its counters to the next one: then they show more than the rows. */
  readonly countsOutlivedRows: boolean;
  readonly disturbanceOverAtSeconds: number | undefined;
}

function quantile(sorted: readonly number[], share: number): number | undefined {
  const value = sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
  return value === undefined ? undefined : value * 1000;
}

function latencyFigures(rows: readonly AppliedRow[]): LatencyFigures {
  const sorted = rows
    .map(({ tsSeconds, receivedAtSeconds }) => receivedAtSeconds - tsSeconds)
    .sort((a, b) => a - b);
  return { p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99), p999: quantile(sorted, 0.999) };
}

function firstRows(rows: readonly AppliedRow[]): Map<number, AppliedRow> {
  const first = new Map<number, AppliedRow>();
  for (const row of rows) {
    if (row.number !== undefined && !first.has(row.number)) first.set(row.number, row);
  }
  return first;
}

function recovery(rows: Iterable<AppliedRow>, overAtSeconds: number | undefined): number | undefined {
  if (overAtSeconds === undefined) return undefined;
  let earliest = Number.POSITIVE_INFINITY;
  for (const { tsSeconds, receivedAtSeconds } of rows)
    if (tsSeconds >= overAtSeconds) earliest = Math.min(earliest, receivedAtSeconds);
  return earliest === Number.POSITIVE_INFINITY ? undefined : earliest - overAtSeconds;
}

function countIn(numbers: ReadonlySet<number>, seen: ReadonlyMap<number, AppliedRow>): number {
  let count = 0;
  for (const number of numbers) if (seen.has(number)) count += 1;
  return count;
}

/**
 * Accounts for each event by its number. A killed sidecar loses its rows. If its counters are kept, those that exceed the rows
 * count events that were applied just before the kill, too late to be read; and an event with two rows, handled again because
 * its count died with the sidecar, was counted once.
 */
export function drawUp(observation: RunObservation): RunAccount {
  const { load, rows, counted, countsOutlivedRows, disturbanceOverAtSeconds } = observation;
  const seen = firstRows(rows);
  const seenAccepted = countIn(load.accepted, seen);
  const beyondRows = countsOutlivedRows ? Math.max(0, counted - seen.size) : 0;
  const applied = Math.min(load.accepted.size, seenAccepted + beyondRows);
  return {
    offered: load.offered,
    sent: load.accepted.size,
    applied,
    lost: load.accepted.size - applied,
    duplicated: countsOutlivedRows ? beyondRows - (applied - seenAccepted) : rows.length - seen.size,
    unknown: load.unknown.size,
    unknownApplied: countIn(load.unknown, seen),
    counted,
    latencyMs: latencyFigures([...seen.values()]),
    recoverySeconds: recovery(seen.values(), disturbanceOverAtSeconds),
  };
}
