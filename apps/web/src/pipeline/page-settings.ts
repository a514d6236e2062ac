import { useQuery } from '@tanstack/react-query';
import { askJson } from '../net/problem-error.js';

/** The addresses that the page links to. */
export interface PageSettings {
  readonly sidecarUrl: string;
  readonly prometheusUrl?: string;
  readonly grafanaUrl?: string;
}

const AGAIN_MS = 5000;

/** The publisher's settings, which it reads once at its start; undefined until it has answered. */
export function usePageSettings(): PageSettings | undefined {
  const { data } = useQuery({
    queryKey: ['settings'],
    queryFn: () => askJson<PageSettings>('page/settings'),
    staleTime: Infinity,
    refetchInterval: ({ state }) => (state.data ? false : AGAIN_MS),
  });
  return data;
}
