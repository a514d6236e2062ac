import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useMetrics } from '../feed/desk-context.js';
import type { MetricsWatch } from '../metrics/metrics-watch.js';
import {
  fromCumulative,
  stepsWithin,
  sumSteps,
  type BucketCounts,
  type BucketStep,
} from './bucket-history.js';
import {
  fetchInterarrival,
  fetchLatency,
  type InterarrivalSummary,
  type LatencySummary,
} from './latency-client.js';
import { fetchBuckets, type BucketMatrix } from './prometheus-client.js';
import { toColumns } from './time-columns.js';

const MOST_COLUMNS = 90;
/** Readings come about once a second: a narrower column would often stay empty. */
const LEAST_COLUMN_SECONDS = 2;
/** How far the page's own history reaches back; for more it asks Prometheus. */
export const OWN_HISTORY_SECONDS = 900;
/** The sidecar visits every trade of the time span: the longer the span, the less often the page asks. */
const SHARE_OF_SPAN = 60;
const LEAST_MS = 2000;
const PROMETHEUS_EVERY_MS = 15_000;

/** One histogram over the chosen time. */
export interface Spread {
  /** What the columns cover, in unix epoch seconds. */
  readonly from: number;
  readonly to: number;
  readonly bounds: readonly number[];
  readonly columns: readonly BucketStep[];
  readonly distribution: BucketCounts;
}

/** One stage over the same time as the whole that the page has read. */
export interface StageSpread {
  readonly title: string;
  readonly app: 'publisher' | 'sidecar';
  /** True for a part of the time from emission to receipt. */
  readonly isPart: boolean;
  /** The publisher's setting that this measurement needs. */
  readonly needs?: string;
  readonly counts: BucketCounts;
}

/** What the page draws. */
export interface LatencyView {
  readonly latency: Spread;
  readonly interarrival: Spread;
  /** From emission to receipt, by buckets, over `readSeconds` as the stages are. */
  readonly whole: BucketCounts;
  readonly stages: readonly StageSpread[];
  /** The time that `whole` and `stages` cover: how long the page, or Prometheus, has read, at most the chosen time span. */
  readonly readSeconds: number;
  readonly reader: 'page' | 'Prometheus';
  readonly exact: LatencySummary | undefined;
  readonly gaps: InterarrivalSummary | undefined;
  /** Why Prometheus' part is missing. */
  readonly fault: string | undefined;
}

function spreadOf({ bounds, steps }: BucketMatrix, from: number, to: number): Spread {
  const inside = stepsWithin(steps, from, to);
  return {
    from,
    to,
    bounds,
    columns: toColumns(bounds, inside, {
      from,
      to,
      columns: Math.min(MOST_COLUMNS, Math.floor((to - from) / LEAST_COLUMN_SECONDS)),
    }),
    distribution: sumSteps(bounds, inside),
  };
}

/** The sidecar's own figures cover the whole time span, even before the page was opened. */
function withExact(spread: Spread, exact: LatencySummary | undefined): Spread {
  return exact ? { ...spread, distribution: fromCumulative(exact.count, exact.histogram) } : spread;
}

const PROMETHEUS_HISTOGRAMS = ['trading_receive_latency_seconds', 'trading_interarrival_seconds'];

function usePrometheus(seconds: number): { matrices: readonly BucketMatrix[]; fault: string | undefined } {
  const { data, error } = useQuery({
    queryKey: ['prometheus', 'buckets', seconds],
    queryFn: () =>
      Promise.all(PROMETHEUS_HISTOGRAMS.map((name) => fetchBuckets(name, seconds, MOST_COLUMNS))),
    enabled: seconds > OWN_HISTORY_SECONDS,
    refetchInterval: PROMETHEUS_EVERY_MS,
  });
  return { matrices: (!error && data) || [], fault: error?.message };
}

function useSidecarWords(seconds: number): Pick<LatencyView, 'exact' | 'gaps'> {
  const { data } = useQuery({
    queryKey: ['latency', seconds],
    queryFn: async () => {
      const [exact, gaps] = await Promise.all([fetchLatency(seconds), fetchInterarrival(seconds)]);
      return { exact, gaps };
    },
    enabled: seconds <= OWN_HISTORY_SECONDS,
    refetchInterval: Math.max(LEAST_MS, (seconds * 1000) / SHARE_OF_SPAN),
  });
  return data ?? { exact: undefined, gaps: undefined };
}

/** One beginning for all compared figures: a stage must not reach further back than the whole. */
function beginOf({ latency, stages }: MetricsWatch, from: number, to: number): number {
  // Before the first reading, the page has covered no time.
  if (latency.beginsAt === undefined) return to;
  const begins = [latency, ...stages.map(({ history }) => history)].map(({ beginsAt }) => beginsAt ?? from);
  return Math.min(to, Math.max(from, ...begins));
}

/** Latency and inter-arrival over the last `seconds`, from the sidecar, or from Prometheus beyond a quarter of an hour. */
export function useLatency(seconds: number, stillAt: number | undefined): LatencyView {
  const metrics = useMetrics();
  const words = useSidecarWords(seconds);
  const { matrices, fault } = usePrometheus(seconds);
  const to = stillAt ?? Math.floor(Date.now() / 1000);
  const own = seconds <= OWN_HISTORY_SECONDS;
  const from = own ? beginOf(metrics, to - seconds, to) : to - seconds;
  const spreads = useMemo(() => {
    const [latency, interarrival] = own ? [metrics.latency, metrics.interarrival] : matrices;
    const nothing: BucketMatrix = { bounds: [], steps: [] };
    return {
      latency: spreadOf(latency ?? nothing, to - seconds, to),
      interarrival: spreadOf(interarrival ?? nothing, to - seconds, to),
    };
  }, [metrics, matrices, own, seconds, to]);
  const read = ({ bounds, steps }: BucketMatrix): BucketCounts =>
    sumSteps(bounds, stepsWithin(steps, from, to));
  // While it is paused, newer answers of the sidecar must not change the figures.
  const { exact, gaps } = own && stillAt === undefined ? words : { exact: undefined, gaps: undefined };
  return {
    latency: withExact(spreads.latency, exact),
    interarrival: withExact(spreads.interarrival, gaps),
    whole: own ? read(metrics.latency) : spreads.latency.distribution,
    stages: own ? metrics.stages.map(({ history, ...stage }) => ({ ...stage, counts: read(history) })) : [],
    readSeconds: to - from,
    reader: own ? 'page' : 'Prometheus',
    exact,
    gaps,
    fault: own ? undefined : fault,
  };
}
