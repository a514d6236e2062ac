import { BrokerError } from './brokers/broker-process.js';
import { WorkerError } from './workers/worker-process.js';

/** The runs of each peer, in the order of the rounds. */
export type Runs<Sample> = ReadonlyMap<string, readonly Sample[]>;

/**
 * Measures all peers once a round. Each round starts with another peer, so that none always runs after the same one.
 * A peer that fails is left out from then on, and `onFailed` is called.
 */
export async function alternate<Sample>(
  peers: readonly string[],
  rounds: number,
  measure: (peer: string, round: number) => Promise<Sample>,
  onFailed: (peer: string, why: string) => void,
): Promise<Runs<Sample>> {
  const runs = new Map<string, Sample[]>(peers.map((peer) => [peer, []]));
  for (let round = 0; round < rounds; round += 1) {
    const first = round % Math.max(1, peers.length);
    for (const peer of [...peers.slice(first), ...peers.slice(0, first)]) {
      const samples = runs.get(peer);
      if (samples === undefined) continue;
      try {
        samples.push(await measure(peer, round));
      } catch (error) {
        if (!(error instanceof BrokerError || error instanceof WorkerError)) throw error;
        runs.delete(peer);
        onFailed(peer, error.message);
      }
    }
  }
  return runs;
}
