import { stat } from 'node:fs/promises';
import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import { TurnScheduler } from './turn-scheduler.js';

/** A scheduler whose flushes are noted: how many events each took. */
function watched() {
  const flushed: number[] = [];
  let waiting = 0;
  const scheduler = new TurnScheduler(() => {
    flushed.push(waiting);
    waiting = 0;
  });
  return {
    flushed,
    ask: () => {
      waiting += 1;
      scheduler.request();
    },
  };
}

/** Brings `tasks` events in one turn of the event loop, each in a task of its own, and waits until the turn is over. */
async function turnOf(tasks: number, ask: () => void): Promise<void> {
  await Promise.all(Array.from({ length: tasks }, () => nextTurn().then(ask)));
  await nextTurn();
}

describe('TurnScheduler', () => {
  it('flushes once for a task and all its continuations', async () => {
    const { flushed, ask } = watched();
    const caller = async (continuations: number): Promise<void> => {
      for (let step = 0; step < continuations; step += 1) {
        await undefined;
      }
      ask();
    };

    await Promise.all([0, 1, 5, 20].map(caller));
    await nextTurn();

    expect(flushed).toEqual([4]);
  });

  it('flushes for an event alone as soon as its task is done, without waiting for the end of the turn', async () => {
    const { flushed, ask } = watched();
    for (let turn = 0; turn < 3; turn += 1) {
      await nextTurn();
      ask();
      const atEndOfTask = await new Promise<number>((resolve) => {
        process.nextTick(() => resolve(flushed.length));
      });
      expect(atEndOfTask).toBe(turn + 1);
    }

    expect(flushed).toEqual([1, 1, 1]);
  });

  it('flushes twice in the first busy turn: at once, and for all later tasks at its end', async () => {
    const { flushed, ask } = watched();

    await turnOf(5, ask);

    expect(flushed).toEqual([1, 4]);
  });

  it('flushes once for all tasks of one turn, after a busy one', async () => {
    const { flushed, ask } = watched();
    await turnOf(5, ask);
    flushed.length = 0;

    await turnOf(64, ask);
    await turnOf(2, ask);

    expect(flushed).toEqual([64, 2]);
  });

  it('flushes once for all tasks of a turn also after some turns with one event', async () => {
    const { flushed, ask } = watched();
    await turnOf(5, ask);
    await turnOf(1, ask);
    flushed.length = 0;

    await turnOf(64, ask);

    expect(flushed).toEqual([64]);
  });

  it('is idle again after sixteen turns in a row with one event each', async () => {
    const { flushed, ask } = watched();
    await turnOf(5, ask);
    for (let turn = 0; turn < 16; turn += 1) await turnOf(1, ask);
    flushed.length = 0;

    await nextTurn();
    ask();
    await new Promise<void>((resolve) => process.nextTick(resolve));

    expect(flushed).toEqual([1]);
  });

  it('does not let the event loop go on, or wait, before it has flushed', async () => {
    const order: string[] = [];
    const scheduler = new TurnScheduler(() => order.push('flushed'));

    // Input and output comes first in a turn, then what waits for the turn's end, then the timers of the next one.
    await stat('.');
    const timer = delay(0).then(() => order.push('timer'));
    scheduler.request();
    // Whatever else this turn brings makes it a busy one.
    setImmediate(() => order.push('the turn is over'));
    process.nextTick(() => {
      order.push('the task is done');
      scheduler.request();
    });
    await timer;

    expect(order).toEqual(['flushed', 'the task is done', 'flushed', 'the turn is over', 'timer']);
  });
});
