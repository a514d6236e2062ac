import { performance } from 'node:perf_hooks';

/** Seconds since the Unix epoch, with microseconds (`Date.now()` has milliseconds). */
export function epochSeconds(): number {
  return (performance.timeOrigin + performance.now()) / 1000;
}
