/** The short form of `npm run fuzz`: the same messages in every run. */
import { Logger } from '@nestjs/common';
import { fuzzClient } from './fuzz/client.fuzz.js';
import { fuzzServer } from './fuzz/server.fuzz.js';

jest.setTimeout(120_000);

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
    const { heapMib, maxQueued } = outcome as { heapMib: { start: number; max: number }; maxQueued: number };
    expect(heapMib.max - heapMib.start).toBeLessThan(64);
    expect(maxQueued).toBeLessThan(64 * 2 * 64);
  });

  it('of a hostile server leave a client that works with the next honest one', async () => {
    const outcome = await fuzzClient({ frames: 10_000, seed: 1 });
    expect(outcome).toMatchObject({ after: { twice: 0, hasLast: true, answer: 'right' } });
    const { heapMib } = outcome as { heapMib: { start: number; max: number } };
    expect(heapMib.max - heapMib.start).toBeLessThan(64);
  });
});
