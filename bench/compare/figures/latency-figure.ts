import type { Timing } from './one-way-figure.js';
import { PeerEnds } from './peer-ends.js';

/** Arrivals of the open loop, the same for every peer. */
export const LATENCY_RATE_PER_SECOND = 5000;

/** One run of one peer, in microseconds from the time at which an event was due to its handler. */
export interface LatencySample {
  readonly p50: number;
  readonly p99: number;
}

/** One-way latency in an open loop. */
export async function measureLatency(peer: string, timing: Timing): Promise<LatencySample> {
  const ends = await PeerEnds.open(peer, 'latency-consumer');
  const run = async (seconds: number): Promise<LatencySample> => {
    await ends.consumer.call({ do: 'expect', target: 0 });
    const paced = { do: 'pace', ratePerSecond: LATENCY_RATE_PER_SECOND, seconds };
    const { sent } = await ends.producer.call<'sent'>(paced);
    await ends.consumer.call({ do: 'arrived', target: sent, patienceMs: 1000 });
    return ends.consumer.call<'p50' | 'p99'>({ do: 'latency' });
  };
  try {
    await run(timing.warmUpSeconds);
    const { p50, p99 } = await run(timing.measureSeconds);
    return { p50, p99 };
  } finally {
    await ends.stop();
  }
}
