import { quantileOf, sumSteps, type BucketStep } from './bucket-history.js';

/** The quantiles that are shown. */
export const QUANTILES = [0.5, 0.9, 0.99, 0.999] as const;

/** Steps gathered into equal columns of time, oldest first; a column without events has counts of zero. */
export function toColumns(
  bounds: readonly number[],
  steps: readonly BucketStep[],
  range: { readonly from: number; readonly to: number; readonly columns: number },
): BucketStep[] {
  const width = (range.to - range.from) / range.columns;
  const groups: BucketStep[][] = Array.from({ length: range.columns }, () => []);
  for (const step of steps) {
    const index = Math.ceil((step.at - range.from) / width) - 1;
    groups[index]?.push(step);
  }
  return groups.map((group, index) => ({
    at: range.from + (index + 1) * width,
    counts: sumSteps(bounds, group).counts,
  }));
}

/** Columns of time, and what they cover in unix epoch seconds. */
interface ColumnRange {
  readonly bounds: readonly number[];
  readonly columns: readonly BucketStep[];
  readonly from: number;
  readonly to: number;
}

/** For each column the quantiles in its middle, null where nothing happened: times first, as a chart takes them. */
export function quantileLines({
  bounds,
  columns,
  from,
  to,
}: ColumnRange): [number[], ...(number | null)[][]] {
  const half = (to - from) / columns.length / 2;
  const lines = QUANTILES.map((quantile) =>
    columns.map(({ counts }) => quantileOf({ bounds, counts }, quantile) ?? null),
  );
  return [columns.map(({ at }) => at - half), ...lines];
}
