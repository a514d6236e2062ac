import type { Timing } from './one-way-figure.js';
import { PeerEnds } from './peer-ends.js';

/** The callers: each asks again as soon as it is answered, or all ask together and wait for each other. */
export interface Callers {
  readonly name: string;
  readonly concurrency: number;
  readonly inWaves: boolean;
}

/**
 * The callers of the figure. A wave is what `Promise.all` over ten requests makes. It meets the delayed acknowledgements of
 * TCP, which independent callers never see.
 */
export const CALLERS: readonly Callers[] = [
  { name: 'concurrency 1', concurrency: 1, inWaves: false },
  { name: 'concurrency 10', concurrency: 10, inWaves: false },
  { name: 'concurrency 100', concurrency: 100, inWaves: false },
  { name: 'waves of 10', concurrency: 10, inWaves: true },
];

/** One run of one peer with one kind of callers. */
export interface RequestSample {
  readonly requestsPerSecond: number;
  /** CPU time of both processes for each request, in microseconds. */
  readonly cpuMicros: number;
  /** Round trip in microseconds. */
  readonly p50: number;
  readonly p99: number;
}

/** Request and response in a closed loop, one sample for each of {@link CALLERS} in their order. */
export async function measureRequests(peer: string, timing: Timing): Promise<RequestSample[]> {
  const ends = await PeerEnds.open(peer);
  const run = ({ concurrency, inWaves }: Callers, seconds: number) =>
    ends.producer.call<'answered' | 'seconds' | 'p50' | 'p99'>({
      do: inWaves ? 'requestInWaves' : 'request',
      concurrency,
      seconds,
    });
  try {
    const samples: RequestSample[] = [];
    for (const callers of CALLERS) {
      await run(callers, timing.warmUpSeconds);
      const before = await ends.cpuSeconds();
      const { answered, seconds, p50, p99 } = await run(callers, timing.measureSeconds);
      const cpuMicros = (((await ends.cpuSeconds()) - before) / answered) * 1e6;
      samples.push({ requestsPerSecond: answered / seconds, cpuMicros, p50, p99 });
    }
    return samples;
  } finally {
    await ends.stop();
  }
}
