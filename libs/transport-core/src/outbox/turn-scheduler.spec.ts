import { stat } from 'node:fs/promises';
import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import { TurnScheduler } from './turn-scheduler.js';

describe('TurnScheduler', () => {
  it('flushes once for a task and all its continuations', async () => {
    let asked = 0;
    const flushed: number[] = [];
    const scheduler = new TurnScheduler(() => flushed.push(asked));
    const caller = async (continuations: number): Promise<void> => {
      for (let step = 0; step < continuations; step += 1) {
        await undefined;
      }
      asked += 1;
      scheduler.request();
    };

    await Promise.all([0, 1, 5, 20].map(caller));
    await nextTurn();

    expect(flushed).toEqual([4]);
  });

  it('flushes once for all tasks of one turn', async () => {
    let asked = 0;
    const flushed: number[] = [];
    const scheduler = new TurnScheduler(() => flushed.push(asked));
    const task = (): void => {
      asked += 1;
      scheduler.request();
    };

    // Each is a task of its own, with its continuations done before the next one.
    await Promise.all([0, 1, 2].map(() => nextTurn().then(task)));
    await nextTurn();

    expect(flushed).toEqual([3]);
  });

  it('does not let the event loop go on, or wait, before it has flushed', async () => {
    const order: string[] = [];
    const scheduler = new TurnScheduler(() => order.push('flushed'));

    // Input and output comes first in a turn, then what waits for the turn's end, then the timers of the next one.
    await stat('.');
    const timer = delay(0).then(() => order.push('timer'));
    scheduler.request();
    process.nextTick(() => order.push('the task is done'));
    await timer;

    expect(order).toEqual(['the task is done', 'flushed', 'timer']);
  });
});
