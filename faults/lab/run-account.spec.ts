import type { AppliedRow } from '../oracle/applied-rows.js';
import { drawUp, type RunObservation } from './run-account.js';

/** Made at its number's second, and received half a second later. */
const row = (number: number): AppliedRow => ({
  number,
  tsSeconds: number,
  receivedAtSeconds: number + 0.5,
});
const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

function observed(applied: number[], more: Partial<RunObservation> = {}): RunObservation {
  return {
    load: { offered: 12, accepted: new Set(numbers(10)), unknown: new Set([11, 12]) },
    rows: applied.map(row),
    counted: applied.length,
    countsOutlivedRows: false,
    disturbanceOverAtSeconds: undefined,
    ...more,
  };
}

describe('the account of a run', () => {
  it('tells lost, duplicated and unknown events apart by their numbers', () => {
    const account = drawUp(observed([1, 2, 3, 4, 4, 4, 7, 8, 9, 11]));
    expect(account).toMatchObject({ sent: 10, applied: 7, lost: 3, duplicated: 2, unknownApplied: 1 });
  });

  it('takes kept counters for what a killed sidecar had applied and nobody had read', () => {
    const kept = { counted: 10, countsOutlivedRows: true };
    // Handled before the kill, and again after it: counted once.
    expect(drawUp(observed([1, 2, 3, 3, 6, 7, 8, 9, 10], kept))).toMatchObject({ lost: 0, duplicated: 0 });
    expect(drawUp(observed(numbers(8), { ...kept, counted: 9 }))).toMatchObject({ lost: 1, duplicated: 0 });
    expect(drawUp(observed(numbers(8), { ...kept, counted: 11 }))).toMatchObject({ lost: 0, duplicated: 1 });
  });

  it('counts the recovery from the end of the disturbance to the first event made after it', () => {
    expect(drawUp(observed([1, 2, 5, 6], { disturbanceOverAtSeconds: 4.25 })).recoverySeconds).toBe(1.25);
    expect(drawUp(observed([1], { disturbanceOverAtSeconds: 4.25 })).recoverySeconds).toBeUndefined();
  });
});
