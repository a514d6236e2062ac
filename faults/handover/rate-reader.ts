/** What the recorded rates of both sides were, as shares of the offered one. */
export interface RateShares {
  readonly highest: number;
  readonly last: number;
}

interface Answer {
  readonly status: string;
  readonly error?: string;
  readonly data: { readonly result: { readonly values: [number, string][] }[] };
}

/** The largest and the last value of both sides. @throws Error when a side is missing, or a series has no value */
export function sharesOf(series: readonly (readonly number[])[], offered: number): RateShares {
  if (series.length !== 2 || series.some((values) => values.length === 0))
    throw new Error(`a rate of both sides was asked for, and ${series.length} series came`);
  return {
    highest: Math.max(...series.flat()) / offered,
    last: Math.max(...series.map((values) => values.at(-1) ?? Number.NaN)) / offered,
  };
}

/** Asks a Prometheus for rates. */
export class RateReader {
  url = '';

  /** @param offeredPerSide events a second */
  constructor(private readonly offeredPerSide: number) {}

  /** An expression that gives the rate of each side, at each second between two moments. */
  async shares(expression: string, fromSeconds: number, toSeconds: number): Promise<RateShares> {
    const parameters = { query: expression, start: String(fromSeconds), end: String(toSeconds), step: '1' };
    const answer = await this.ask<Answer>(`query_range?${String(new URLSearchParams(parameters))}`);
    if (answer.status !== 'success') throw new Error(answer.error);
    const series = answer.data.result.map(({ values }) => values.map(([, value]) => Number(value)));
    return sharesOf(series, this.offeredPerSide);
  }

  /** The expression of a recording rule, as Prometheus has loaded it. */
  async ruleOf(name: string): Promise<string> {
    const { data } = await this.ask<{
      data: { groups: { rules: { name: string; query: string }[] }[] };
    }>('rules');
    const rule = data.groups.flatMap(({ rules }) => rules).find((each) => each.name === name);
    if (rule === undefined) throw new Error(`Prometheus has no rule ${name}`);
    return rule.query;
  }

  /** The sum of a recorded total over both sides. */
  async total(name: string): Promise<number> {
    const { data } = await this.ask<{ data: { result: { value: [number, string] }[] } }>(
      `query?${String(new URLSearchParams({ query: `sum(${name})` }))}`,
    );
    return Number(data.result[0]?.value[1] ?? Number.NaN);
  }

  private async ask<T>(route: string): Promise<T> {
    return (await (await fetch(`${this.url}/api/v1/${route}`)).json()) as T;
  }
}
