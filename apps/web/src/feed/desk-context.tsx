import { QueryClientProvider } from '@tanstack/react-query';
import { createContext, use, useEffect, useState, type ReactNode } from 'react';
import { useStore } from 'zustand';
import { MetricsWatch } from '../metrics/metrics-watch.js';
import { createQueryClient } from '../net/query-client.js';
import { Desk } from './desk.js';

interface DeskValue {
  readonly desk: Desk;
  readonly metrics: MetricsWatch;
}

const DeskContext = createContext<DeskValue | undefined>(undefined);
/** A hidden page lets its streams go after this. */
const HIDDEN_GRACE_MS = 5000;

/** Starts the feeds for its children, and pauses them while nobody can see the page. */
export function DeskProvider({ children }: { readonly children: ReactNode }) {
  const [client] = useState(createQueryClient);
  const [value] = useState<DeskValue>(() => ({ desk: new Desk(), metrics: new MetricsWatch(client) }));
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const follow = (): void => {
      clearTimeout(timer);
      if (document.visibilityState === 'visible') value.desk.start();
      else timer = setTimeout(() => value.desk.stop(), HIDDEN_GRACE_MS);
    };
    follow();
    value.metrics.start();
    const leave = (): void => value.desk.stop();
    document.addEventListener('visibilitychange', follow);
    // Only here can a closing window tell the worker that it shares; a window that the browser keeps may come back.
    window.addEventListener('pagehide', leave);
    window.addEventListener('pageshow', follow);
    return () => {
      document.removeEventListener('visibilitychange', follow);
      window.removeEventListener('pagehide', leave);
      window.removeEventListener('pageshow', follow);
      clearTimeout(timer);
      value.desk.stop();
      value.metrics.stop();
      client.clear();
    };
  }, [value, client]);
  return (
    <QueryClientProvider client={client}>
      <DeskContext value={value}>{children}</DeskContext>
    </QueryClientProvider>
  );
}

function useValue(): DeskValue {
  const value = use(DeskContext);
  if (!value) throw new Error('DeskProvider is missing');
  return value;
}

/** The state of the feeds; the component renders again when it changes, at most ten times a second. */
export function useDesk(): Desk {
  const { desk } = useValue();
  useStore(desk.signal.store);
  return desk;
}

/** The same without rendering again: for event handlers. */
export function useStillDesk(): Desk {
  return useValue().desk;
}

/** Both apps' metrics, read once a second. */
export function useMetrics(): MetricsWatch {
  const { metrics } = useValue();
  useStore(metrics.signal.store);
  return metrics;
}
