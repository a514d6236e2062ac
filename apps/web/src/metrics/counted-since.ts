import { formatMoment } from '../format/figures.js';
import { startOf, type AppReadings } from './app-readings.js';
import type { MetricsWatch } from './metrics-watch.js';

/** Since when an app's counters run: since it started. */
export function sinceStart({ now }: AppReadings): string {
  const start = now && startOf(now);
  return start === undefined ? 'since it started' : `since ${formatMoment(start, Date.now() / 1000)}`;
}

/** Since when the sidecar's totals run; with kept state they go on from one process to the next. */
export function sinceKept({ sidecar, keepsState }: Pick<MetricsWatch, 'sidecar' | 'keepsState'>): string {
  return keepsState ? 'since its kept state began' : sinceStart(sidecar);
}
