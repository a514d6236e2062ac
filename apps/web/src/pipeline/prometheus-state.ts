import { useQuery } from '@tanstack/react-query';
import { askJson } from '../net/problem-error.js';

/** Prometheus' report on its scrape targets. */
export interface PrometheusState {
  readonly targets?: readonly { readonly job: string; readonly up: boolean }[];
  readonly fault?: string;
}

interface VectorAnswer {
  readonly data: {
    readonly result: readonly {
      readonly metric: { readonly job?: string };
      readonly value: readonly [number, string];
    }[];
  };
}

const EVERY_MS = 5000;

async function fetchTargets(): Promise<PrometheusState['targets']> {
  const { data } = await askJson<VectorAnswer>('prometheus/api/v1/query?query=up');
  return data.result.map(({ metric, value }) => ({ job: metric.job ?? '', up: value[1] === '1' }));
}

/** Asks Prometheus for its targets while one is configured. */
export function usePrometheusState(isConfigured: boolean): PrometheusState {
  const { data, error } = useQuery({
    queryKey: ['prometheus', 'targets'],
    queryFn: fetchTargets,
    enabled: isConfigured,
    refetchInterval: EVERY_MS,
  });
  if (error) return { fault: error.message };
  return data ? { targets: data } : {};
}
