/** One series of an answer; times in unix epoch seconds. An instant answer has one point. */
export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  readonly points: readonly (readonly [atSeconds: number, value: number])[];
}

/** A rule as the running Prometheus has it. */
export interface LoadedRule {
  readonly type: 'recording' | 'alerting';
  readonly name: string;
  readonly query: string;
  readonly health: string;
  /** Of an alert: `firing` when it has been true for as long as it takes. */
  readonly state?: string;
  readonly lastError?: string;
}

interface RawSeries {
  metric: Record<string, string>;
  value?: [number, string];
  values?: [number, string][];
}

type RawAnswer =
  | { status: 'success'; data: { resultType: string; result: RawSeries[] | [number, string] } }
  | { status: 'error'; error: string };

/** Asks a real Prometheus by its HTTP API. Every method throws an Error with Prometheus' own words when it refuses. */
export class PrometheusApi {
  constructor(private readonly origin: string) {}

  /** An instant query; a scalar is one series without labels. */
  query(expression: string, atSeconds?: number): Promise<Series[]> {
    const parameters: Record<string, string> = { query: expression };
    if (atSeconds !== undefined) parameters.time = String(atSeconds);
    return this.ask('query', parameters);
  }

  /** A range query with a point every second. */
  queryRange(expression: string, fromSeconds: number, toSeconds: number): Promise<Series[]> {
    return this.ask('query_range', {
      query: expression,
      start: String(fromSeconds),
      end: String(toSeconds),
      step: '1',
    });
  }

  /** Every rule that is loaded, with the outcome of its last evaluation. */
  async rules(): Promise<LoadedRule[]> {
    const answer = await fetch(`${this.origin}/api/v1/rules`);
    const body = (await answer.json()) as { data: { groups: { rules: LoadedRule[] }[] } };
    return body.data.groups.flatMap((group) => group.rules);
  }

  private async ask(route: string, parameters: Record<string, string>): Promise<Series[]> {
    const answer = await fetch(`${this.origin}/api/v1/${route}`, {
      method: 'POST',
      body: new URLSearchParams(parameters),
    });
    const body = (await answer.json()) as RawAnswer;
    if (body.status === 'error') throw new Error(body.error);
    if (body.data.resultType === 'scalar')
      return [{ labels: {}, points: [toPoint(body.data.result as [number, string])] }];
    return (body.data.result as RawSeries[]).map(({ metric, value, values }) => ({
      labels: metric,
      points: (values ?? (value ? [value] : [])).map(toPoint),
    }));
  }
}

function toPoint([atSeconds, text]: [number, string]): [number, number] {
  const infinite: Record<string, number> = {
    '+Inf': Number.POSITIVE_INFINITY,
    '-Inf': Number.NEGATIVE_INFINITY,
  };
  return [atSeconds, infinite[text] ?? Number(text)];
}
