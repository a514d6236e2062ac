/** Cumulative histogram: how many observations were at most so many seconds, by ascending bound. */
export type Buckets = ReadonlyMap<number, number>;

/** What the sidecar had counted at one moment. */
export interface SidecarSnapshot {
  /** Sum of `trades_total` over the sides. */
  readonly trades: number;
  /** Sum of `trading_events_rejected_total` over the reasons. */
  readonly rejected: number;
  /** `trading_receive_latency_seconds`. */
  readonly latencyBuckets: Buckets;
}

const SAMPLE = /^(?<name>[a-zA-Z_:][\w:]*)(?:\{(?<labels>[^}]*)\})? (?<value>\S+)/;

/** Reads what the load needs from a Prometheus text. */
export function parseSnapshot(text: string): SidecarSnapshot {
  let trades = 0;
  let rejected = 0;
  const latencyBuckets = new Map<number, number>();
  for (const line of text.split('\n')) {
    const { name, labels = '', value = '' } = SAMPLE.exec(line)?.groups ?? {};
    if (name === 'trades_total') trades += Number(value);
    if (name === 'trading_events_rejected_total') rejected += Number(value);
    if (name === 'trading_receive_latency_seconds_bucket') {
      const bound = /le="([^"]+)"/.exec(labels)?.[1] ?? '+Inf';
      latencyBuckets.set(bound === '+Inf' ? Number.POSITIVE_INFINITY : Number(bound), Number(value));
    }
  }
  return { trades, rejected, latencyBuckets };
}

/**
 * Asks the sidecar for its metrics.
 * @throws when it cannot be reached or does not answer 200
 */
export async function readSnapshot(sidecarUrl: string): Promise<SidecarSnapshot> {
  const response = await fetch(`${sidecarUrl}/metrics/`);
  if (!response.ok) throw new Error(`${sidecarUrl}/metrics/ answered ${response.status}`);
  return parseSnapshot(await response.text());
}
