/**
 * The time now in unix epoch seconds with microseconds in the fraction. `Date.now()` stops at milliseconds, which is
 * longer than most latencies on one machine.
 */
export function nowSeconds(): number {
  return (performance.timeOrigin + performance.now()) / 1000;
}
