import { setImmediate as nextTurn } from 'node:timers/promises';
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

  it('flushes an idle sender before the turn of the event loop is over', async () => {
    const order: string[] = [];
    const scheduler = new TurnScheduler(() => order.push('flushed'));
    const turn = nextTurn().then(() => order.push('next turn'));

    scheduler.request();
    await turn;

    expect(order).toEqual(['flushed', 'next turn']);
  });

  it('waits for the turn to be over when it has flushed a moment ago', async () => {
    const order: string[] = [];
    const scheduler = new TurnScheduler(() => order.push('flushed'));

    scheduler.flushed();
    scheduler.request();
    process.nextTick(() => order.push('the task is done'));
    await nextTurn();
    await nextTurn();

    expect(order).toEqual(['the task is done', 'flushed']);
  });
});
