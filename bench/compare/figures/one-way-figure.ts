import { PeerEnds } from './peer-ends.js';

/** How long the phases of a run take, in seconds. */
export interface Timing {
  readonly warmUpSeconds: number;
  readonly measureSeconds: number;
}

/** One run of one peer. */
export interface OneWaySample {
  /** From the first event to the last, as the consumer saw them. */
  readonly eventsPerSecond: number;
  /** Of all processes: producer, consumer, broker. */
  readonly cpuSecondsPerMillion: number;
  readonly events: number;
  /** Events that were sent and never came. */
  readonly lost: number;
}

const PATIENCE_MS = 2000;
const FEWEST_EVENTS = 1000;

/** Sends for the warm-up's time, and returns how many events a second got through. */
async function warmUp(ends: PeerEnds, seconds: number): Promise<number> {
  await ends.consumer.call({ do: 'expect', target: 0 });
  const { sent } = await ends.producer.call<'sent'>({ do: 'warmUp', seconds });
  const arrived = await ends.consumer.call<'count' | 'seconds'>({
    do: 'arrived',
    target: sent,
    patienceMs: PATIENCE_MS,
  });
  return arrived.count / arrived.seconds;
}

/**
 * Events a second from `emit` to the handler. The warm-up's rate sets the number of events, so that a fast and a slow peer are
 * measured for about the same time.
 */
export async function measureOneWay(peer: string, timing: Timing): Promise<OneWaySample> {
  const ends = await PeerEnds.open(peer);
  try {
    const rate = await warmUp(ends, timing.warmUpSeconds);
    const events = Math.max(FEWEST_EVENTS, Math.round(rate * timing.measureSeconds));
    await ends.consumer.call({ do: 'expect', target: events });
    const before = await ends.cpuSeconds();
    await ends.producer.call({ do: 'send', count: events });
    const { count, seconds } = await ends.consumer.call<'count' | 'seconds'>({
      do: 'arrived',
      target: events,
      patienceMs: PATIENCE_MS,
    });
    const cpuSeconds = (await ends.cpuSeconds()) - before;
    return {
      eventsPerSecond: (count - 1) / seconds,
      cpuSecondsPerMillion: (cpuSeconds / count) * 1e6,
      events,
      lost: events - count,
    };
  } finally {
    await ends.stop();
  }
}
