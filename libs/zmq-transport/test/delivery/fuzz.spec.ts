/** The short form of `npm run fuzz`: the same messages in every run. */
import { Logger } from '@nestjs/common';
import { fuzzClient } from './fuzz/client-fuzz.js';
import { fuzzServer } from './fuzz/server-fuzz.js';
import { fuzzFaults } from './fuzz/verdict.js';

describe('the verdict of a run', () => {
  const heapMib = { start: 10, max: 20 };
  const server = {
    state: 'listening',
    honest: { twice: 0, missing: 0, wrongAnswers: 0, failedRequests: 0 },
    heapMib,
  };
  const client = { after: { twice: 0, hasLast: true, answer: 'right' }, heapMib };

  it('is clean when the honest peers had all that they were promised', () => {
    expect(fuzzFaults(server, client, 0)).toEqual([]);
  });

  it('names each promise that did not hold', () => {
    const bad = { ...server, state: 'failed', honest: { ...server.honest, missing: 3 } };
    const worse = { after: { twice: 1, hasLast: false, answer: 'wrong' }, heapMib: { start: 10, max: 100 } };
    expect(fuzzFaults(bad, worse, 2)).toEqual([
      'the server is failed',
      '3 events of the honest client were lost',
      '1 events were applied twice by the next honest server',
      '2 rejections were not handled',
      'the last event did not reach the next honest server',
      'the next honest server was not asked, or not heard',
      'the memory of the client grew by 90 MiB, at most 64',
    ]);
  });
});

describe('mutated messages', () => {
  beforeAll(() => Logger.overrideLogger(false));
  afterAll(() => Logger.overrideLogger(['error', 'warn', 'log']));

  it('do not touch a server, nor the honest client beside them', async () => {
    const outcome = await fuzzServer({ frames: 40_000, seed: 1 });
    expect(outcome).toMatchObject({
      state: 'listening',
      honest: { twice: 0, missing: 0, wrongAnswers: 0, failedRequests: 0 },
      delivery: { producers: expect.any(Number) },
    });
    const { heapMib, maxQueued } = outcome;
    expect(heapMib.max - heapMib.start).toBeLessThan(64);
    expect(maxQueued).toBeLessThan(64 * 2 * 64);
  });

  it('of a hostile server leave a client that works with the next honest one', async () => {
    const outcome = await fuzzClient({ frames: 10_000, seed: 1 });
    expect(outcome).toMatchObject({ after: { twice: 0, hasLast: true, answer: 'right' } });
    const { heapMib } = outcome;
    expect(heapMib.max - heapMib.start).toBeLessThan(64);
  });
});
