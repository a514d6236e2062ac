import { PeerEnds } from './peer-ends.js';

const PATIENCE_MS = 5000;

/** Resident memory of both ends after a collection, in bytes, once `events` have gone through. */
export interface MemorySample {
  readonly events: number;
  readonly producerBytes: number;
  readonly consumerBytes: number;
}

/** What a producer holds after emitting without a pause while its peer was away. */
export interface AwaySample {
  readonly emitted: number;
  readonly queuedEvents: number;
  readonly refused: number;
  /** Resident memory beyond that at the end of the flow, in bytes. */
  readonly grownBytes: number;
}

/** The figure: the samples in order, then the absence. */
export interface MemoryFigure {
  readonly samples: readonly MemorySample[];
  readonly away: AwaySample;
}

async function sample(ends: PeerEnds, events: number): Promise<MemorySample> {
  const consumer = await ends.consumer.call<'residentBytes'>({ do: 'memory' });
  const producer = await ends.producer.call<'residentBytes'>({ do: 'memory' });
  return { events, producerBytes: producer.residentBytes, consumerBytes: consumer.residentBytes };
}

/**
 * Sends `total` events in `steps` steps, and a million more after the consumer has gone.
 * @param onStep called after each step
 */
export async function measureMemory(
  total: number,
  steps: number,
  onStep: (sample: MemorySample) => void,
): Promise<MemoryFigure> {
  const ends = await PeerEnds.open('zmq');
  try {
    const samples: MemorySample[] = [];
    const count = Math.round(total / steps);
    for (let step = 1; step <= steps; step += 1) {
      await ends.consumer.call({ do: 'expect', target: count });
      await ends.producer.call({ do: 'send', count });
      await ends.consumer.call({ do: 'arrived', target: count, patienceMs: PATIENCE_MS });
      const taken = await sample(ends, step * count);
      samples.push(taken);
      onStep(taken);
    }
    return { samples, away: await floodWithoutPeer(ends, samples.at(-1)?.producerBytes ?? 0, count) };
  } finally {
    await ends.stop();
  }
}

async function floodWithoutPeer(ends: PeerEnds, before: number, count: number): Promise<AwaySample> {
  await ends.consumer.stop();
  const { queuedEvents, refused } = await ends.producer.call<'queuedEvents' | 'refused'>({
    do: 'flood',
    count,
  });
  const { residentBytes } = await ends.producer.call<'residentBytes'>({ do: 'memory' });
  return { emitted: count, queuedEvents, refused, grownBytes: residentBytes - before };
}
