import { alternate } from './rounds.js';
import { WorkerError } from './workers/worker-process.js';

const nobody = (): void => undefined;
const fault = (): Promise<never> => Promise.reject(new TypeError('a fault'));

async function failSecondOfB(peer: string, round: number): Promise<number> {
  if (peer === 'b' && round === 1) throw new WorkerError('b ended');
  return round;
}

describe('alternate', () => {
  it('starts each round with another peer, and keeps the runs in the order of the rounds', async () => {
    const order: string[] = [];
    const measure = async (peer: string, round: number) => {
      order.push(peer);
      return `${peer}${round}`;
    };
    const runs = await alternate(['a', 'b', 'c'], 3, measure, nobody);
    expect(order).toEqual(['a', 'b', 'c', 'b', 'c', 'a', 'c', 'a', 'b']);
    expect(runs.get('a')).toEqual(['a0', 'a1', 'a2']);
  });

  it('leaves a peer out once it failed, says why, and goes on with the others', async () => {
    const failed: string[] = [];
    const runs = await alternate(['a', 'b'], 3, failSecondOfB, (peer, why) => failed.push(`${peer}: ${why}`));
    expect([...runs.keys()]).toEqual(['a']);
    expect(failed).toEqual(['b: b ended']);
  });

  it('does not take a fault of the bench itself for a peer that failed', async () => {
    await expect(alternate(['a'], 1, fault, nobody)).rejects.toThrow('a fault');
  });
});
