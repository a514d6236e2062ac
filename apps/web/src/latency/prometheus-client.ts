import { askJson } from '../net/problem-error.js';
import type { BucketStep } from './bucket-history.js';

interface MatrixAnswer {
  readonly data: {
    readonly result: readonly {
      readonly metric: { readonly le?: string };
      readonly values: readonly (readonly [number, string])[];
    }[];
  };
}

/** Buckets over time. */
export interface BucketMatrix {
  readonly bounds: readonly number[];
  readonly steps: readonly BucketStep[];
}

function toNumber(text: string): number {
  return text === '+Inf' ? Infinity : Number(text);
}

/**
 * How many values fell into each bucket of a histogram, step by step over the last `seconds`, from Prometheus.
 *
 * @throws ProblemError when it cannot be reached or refuses
 */
export async function fetchBuckets(metric: string, seconds: number, points: number): Promise<BucketMatrix> {
  const step = Math.max(1, Math.round(seconds / points));
  const end = Math.floor(Date.now() / 1000);
  const query = `sum by (le) (increase(${metric}_bucket[${Math.max(step, 5)}s]))`;
  const asked = new URLSearchParams({
    query,
    start: String(end - seconds),
    end: String(end),
    step: String(step),
  });
  const answer = await askJson<MatrixAnswer>(`prometheus/api/v1/query_range?${asked}`);
  const series = answer.data.result
    .map(({ metric: labels, values }) => ({ le: toNumber(labels.le ?? ''), values: new Map(values) }))
    .toSorted((a, b) => a.le - b.le);
  const times = [...new Set(series.flatMap(({ values }) => [...values.keys()]))].toSorted((a, b) => a - b);
  const steps = times.map((at) => {
    const cumulative = series.map(({ values }) => Number(values.get(at) ?? 0));
    return {
      at,
      counts: cumulative.map((count, index) => Math.max(0, count - (cumulative[index - 1] ?? 0))),
    };
  });
  return { bounds: series.map(({ le }) => le), steps };
}
