/**
 * `rate`, summed afterwards: the other order would read a restart as a burst.
 * @param by the labels to keep, none = one total
 */
export function sumOfRates(counter: string, by: readonly string[] = [], selector = ''): string {
  return `sum${grouping(by)} (rate(${counter}${selector}[$__rate_interval]))`;
}

/**
 * A quantile over all instances: buckets add up, quantiles do not.
 * @param by labels to keep apart
 */
export function quantileOf(quantile: number, histogram: string, by: readonly string[] = []): string {
  return `histogram_quantile(${quantile}, ${sumOfRates(`${histogram}_bucket`, [...by, 'le'])})`;
}

/** The sum over all instances, of what can be added. */
export function sumOf(metric: string, by: readonly string[] = [], selector = ''): string {
  return `sum${grouping(by)} (${metric}${selector})`;
}

/**
 * The sum of a count that goes on in another sidecar when its partition moves there: the larger one counts. Without a broker there
 * are no partitions, and each sidecar has a count of its own.
 */
export function countOf(counter: string, by: readonly string[] = [], matcher = ''): string {
  const kept = [...by, 'partition'].join(', ');
  const more = matcher === '' ? '' : `,${matcher}`;
  return `sum${grouping(by)} (max by (${kept}) (${counter}{partition!=""${more}}) or ${counter}{partition=""${more}})`;
}

/**
 * Of a difference that is zero in health, the value nearest to zero of the last few seconds. Its two sides come from
 * two processes, scraped up to a second apart, and so it jumps above and below zero while trades flow, at every
 * scrape. 100 ms: finer than the distance of two scrapes. What does not change reads exactly.
 */
export function nearestToZero(difference: string): string {
  const lately = `((${difference})[$__rate_interval:100ms])`;
  return `clamp_min(min_over_time${lately}, 0) + clamp_max(max_over_time${lately}, 0)`;
}

function grouping(by: readonly string[]): string {
  return by.length === 0 ? '' : ` by (${by.join(', ')})`;
}
