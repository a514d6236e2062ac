import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { get as getSecurely } from 'node:https';
import { text } from 'node:stream/consumers';

/** Cumulative: how many observations were at most this many seconds, by bound. */
export type Buckets = ReadonlyMap<number, number>;

/** A Prometheus histogram of seconds. */
export interface LatencyHistogram {
  readonly buckets: Buckets;
  readonly sumSeconds: number;
}

/** The sidecar's counters at one moment. */
export interface SidecarSnapshot {
  /** Sum of `trades_total` over the sides. */
  readonly trades: number;
  /** Sum of `trading_events_rejected_total` over the reasons. */
  readonly rejected: number;
  /** `trading_receive_latency_seconds`. */
  readonly receiveLatency: LatencyHistogram;
}

const SAMPLE = /^(?<name>[a-zA-Z_:][\w:]*)(?:\{(?<labels>[^}]*)\})? (?<value>\S+)/;
/** The load needs no line that is longer than this, and skips those. */
const MAX_LINE_CHARACTERS = 1024;
const LATENCY = 'trading_receive_latency_seconds';
/** A load may be meant to show a stalled sidecar, so that gets time; a dead one must not hold up the run for ever. */
const ANSWER_TIMEOUT_MS = 30_000;

/** Reads what the load needs from a Prometheus text. */
export function parseSnapshot(text: string): SidecarSnapshot {
  let [trades, rejected, sumSeconds] = [0, 0, 0];
  const buckets = new Map<number, number>();
  for (const line of text.split('\n')) {
    const sample = line.length > MAX_LINE_CHARACTERS ? undefined : SAMPLE.exec(line);
    const { name, labels = '', value = '' } = sample?.groups ?? {};
    if (name === 'trades_total') trades += Number(value);
    if (name === 'trading_events_rejected_total') rejected += Number(value);
    if (name === `${LATENCY}_sum`) sumSeconds += Number(value);
    if (name === `${LATENCY}_bucket`) {
      const bound = /le="([^"]+)"/.exec(labels)?.[1] ?? '+Inf';
      buckets.set(bound === '+Inf' ? Number.POSITIVE_INFINITY : Number(bound), Number(value));
    }
  }
  return { trades, rejected, receiveLatency: { buckets, sumSeconds } };
}

/**
 * Asks the sidecar for its metrics.
 * @throws when it cannot be reached, is silent for 30 s, or does not answer 200
 */
export async function readSnapshot(sidecarUrl: string): Promise<SidecarSnapshot> {
  const url = `${sidecarUrl}/metrics/`;
  // Not fetch: it only knows the certificates that the process started with, see --ca.
  const ask = url.startsWith('https:') ? getSecurely : get;
  const question = ask(url, { signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) });
  const [answer] = (await once(question, 'response')) as [IncomingMessage];
  const body = await text(answer);
  if (answer.statusCode !== 200) throw new Error(`${url} answered ${answer.statusCode ?? 'nothing'}`);
  return parseSnapshot(body);
}
