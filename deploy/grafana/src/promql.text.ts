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

function grouping(by: readonly string[]): string {
  return by.length === 0 ? '' : ` by (${by.join(', ')})`;
}
