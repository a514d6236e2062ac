import { SharedWork } from './shared-work.js';

describe('SharedWork', () => {
  it('runs once for all who ask before it begins', async () => {
    let runs = 0;
    const work = new SharedWork<string, number>(async () => (runs += 1));
    expect(await Promise.all(Array.from({ length: 1000 }, () => work.ask('a')))).toEqual(
      Array.from({ length: 1000 }, () => 1),
    );
    expect(runs).toBe(1);
  });

  it('begins again for whoever asks while it runs: nobody gets what was begun before he asked', async () => {
    let value = 'old';
    const held: (() => void)[] = [];
    const work = new SharedWork<string, string>(async () => {
      const read = value;
      if (read === 'old') await new Promise<void>((resolve) => held.push(resolve));
      return read;
    });
    const early = work.ask('a');
    // Its turn comes in a microtask.
    await new Promise(setImmediate);
    value = 'new';
    const late = [work.ask('a'), work.ask('a')];
    for (const release of held) release();
    expect(await early).toBe('old');
    expect(await Promise.all(late)).toEqual(['new', 'new']);
  });

  it('keeps keys apart, one run at a time', async () => {
    let running = 0;
    let most = 0;
    const work = new SharedWork<string, string>(async (key) => {
      running += 1;
      most = Math.max(most, running);
      await new Promise(setImmediate);
      running -= 1;
      return key;
    });
    expect(await Promise.all(['a', 'b', 'a'].map((key) => work.ask(key)))).toEqual(['a', 'b', 'a']);
    expect(most).toBe(1);
  });

  it('tells all who share a run of its failure, and runs again for the next', async () => {
    let fails = true;
    const work = new SharedWork<string, string>(async () => {
      if (fails) throw new Error('disk');
      return 'well';
    });
    const asked = await Promise.allSettled([work.ask('a'), work.ask('a')]);
    expect(asked.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    fails = false;
    expect(await work.ask('a')).toBe('well');
  });

  it.each([
    [2, 18],
    [50, 100],
  ])('rests after a run of %i ms for %i ms, so that a flood gets few', async (runMs, restMs) => {
    let nowMs = 0;
    const rests: number[] = [];
    const clock = {
      nowMs: () => nowMs,
      wait: async (ms: number) => {
        rests.push(ms);
        nowMs += ms;
      },
    };
    const work = new SharedWork<string, void>(async () => void (nowMs += runMs), clock);
    await work.ask('a');
    await work.ask('b');
    expect(rests).toEqual([restMs]);
    nowMs += 1000;
    await work.ask('a');
    expect(rests).toHaveLength(1);
  });
});
