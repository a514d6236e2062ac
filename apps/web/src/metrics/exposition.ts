/** None of our lines is longer than this; longer ones are skipped. */
const MAX_LINE_CHARACTERS = 1024;

/** Samples of Prometheus' text format by name and labels as written there: `trades_total{side="buy"}`. */
export class Exposition {
  private readonly samples = new Map<string, number>();

  constructor(text: string) {
    for (const line of text.split('\n')) {
      if (line === '' || line.startsWith('#') || line.length > MAX_LINE_CHARACTERS) continue;
      const space = line.lastIndexOf(' ');
      this.samples.set(line.slice(0, space), toNumber(line.slice(space + 1)));
    }
  }

  /** One sample; undefined when it is not there. */
  get(series: string): number | undefined {
    return this.samples.get(series);
  }

  /** The first sample of a metric that has all these labels, in whatever order; undefined when there is none. */
  find(name: string, labels: Readonly<Record<string, string>>): number | undefined {
    for (const [series, value] of this.samples) {
      if (series.startsWith(`${name}{`) && hasLabels(series, labels)) return value;
    }
    return undefined;
  }

  /** The sum over all labels; undefined when there is no such metric. */
  sum(name: string): number | undefined {
    let total: number | undefined;
    for (const [series, value] of this.samples) {
      if (series === name || series.startsWith(`${name}{`)) total = (total ?? 0) + value;
    }
    return total;
  }

  /** Each sample of a metric that has this label, by the label's value. */
  by(name: string, label: string): { readonly value: string; readonly count: number }[] {
    const found: { value: string; count: number }[] = [];
    for (const [series, count] of this.samples) {
      if (!series.startsWith(`${name}{`)) continue;
      const value = labelOf(series, label);
      if (value !== undefined) found.push({ value, count });
    }
    return found;
  }

  /** A histogram's cumulative counts by upper bound in ascending order; empty when there is none with these labels. */
  buckets(name: string, labels: Readonly<Record<string, string>> = {}): { le: number; count: number }[] {
    const found: { le: number; count: number }[] = [];
    const prefix = `${name}_bucket{`;
    for (const [series, value] of this.samples) {
      const isAsked = series.startsWith(prefix) && hasLabels(series, labels);
      const le = isAsked ? /[{,]le="([^"]+)"/.exec(series)?.[1] : undefined;
      if (le !== undefined) found.push({ le: toNumber(le), count: value });
    }
    return found.toSorted((a, b) => a.le - b.le);
  }
}

function labelOf(series: string, label: string): string | undefined {
  const from = [`{${label}="`, `,${label}="`].map((start) => [series.indexOf(start), start.length] as const);
  const [at, length] = from.find(([index]) => index >= 0) ?? [-1, 0];
  return at < 0 ? undefined : series.slice(at + length, series.indexOf('"', at + length));
}

function hasLabels(series: string, labels: Readonly<Record<string, string>>): boolean {
  // From its beginning: `otherside="buy"` ends like `side="buy"`.
  return Object.entries(labels).every(
    ([name, value]) => series.includes(`{${name}="${value}"`) || series.includes(`,${name}="${value}"`),
  );
}

function toNumber(text: string): number {
  return text === '+Inf' ? Infinity : Number(text);
}
