import { useEffect, useState } from 'react';
import { askJson, ProblemError } from '../net/problem-error.js';
import { Poller } from '../net/poller.js';

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

/** Asks Prometheus for its targets while one is configured. */
export function usePrometheusState(isConfigured: boolean): PrometheusState {
  const [state, setState] = useState<PrometheusState>({});
  useEffect(() => {
    if (!isConfigured) return undefined;
    const poll = async (): Promise<void> => {
      try {
        const { data } = await askJson<VectorAnswer>('prometheus/api/v1/query?query=up');
        setState({
          targets: data.result.map(({ metric, value }) => ({ job: metric.job ?? '', up: value[1] === '1' })),
        });
      } catch (error) {
        if (!(error instanceof ProblemError)) throw error;
        setState({ fault: error.message });
      }
    };
    const poller = new Poller({ everyMs: EVERY_MS, poll });
    poller.start();
    return () => poller.stop();
  }, [isConfigured]);
  return state;
}
