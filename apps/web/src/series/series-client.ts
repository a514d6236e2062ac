import { SIDES, type Side } from '../feed/feed-items.js';
import { askJson, ProblemError } from '../net/problem-error.js';
import { emptyPoint, type SecondPoint } from './second-series.js';

const NOT_FOUND = 404;
const METRICS = ['trades', 'volume'] as const;

interface SeriesAnswer {
  readonly points: readonly (readonly [second: number, value: number])[];
}

function fetchOne(metric: string, side: Side): Promise<SeriesAnswer> {
  return askJson<SeriesAnswer>(`sidecar/analytics/series?metric=${metric}&side=${side}&step=1s&last=15m`);
}

/**
 * The last quarter of an hour by seconds, as the sidecar kept it; empty from one that keeps none.
 *
 * @throws ProblemError when the sidecar is away, or its answer was cut short
 */
export async function fetchPast(): Promise<SecondPoint[]> {
  const past = new Map<number, SecondPoint>();
  try {
    for (const side of SIDES) {
      for (const metric of METRICS) {
        for (const [second, value] of (await fetchOne(metric, side)).points) {
          const point = past.get(second) ?? emptyPoint(second);
          point[metric][side] = value;
          past.set(second, point);
        }
      }
    }
  } catch (error) {
    if (error instanceof ProblemError && error.status === NOT_FOUND) return [];
    throw error;
  }
  return [...past.values()];
}
