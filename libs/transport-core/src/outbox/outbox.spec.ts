import fc from 'fast-check';
import { Outbox, type OutboxLimits } from './outbox.js';

const limits: OutboxLimits = { maxEvents: 10, maxBytes: 1000, maxBatchEvents: 3, maxFrameBytes: 100 };

describe('Outbox', () => {
  it('groups events that wait into messages of at most maxBatchEvents, first in, first out', () => {
    const outbox = new Outbox(limits);
    for (let n = 0; n < 7; n += 1) {
      outbox.push(n, 1);
    }
    expect([outbox.take()?.parts, outbox.take()?.parts, outbox.take()?.parts, outbox.take()]).toEqual([
      [0, 1, 2],
      [3, 4, 5],
      [6],
      undefined,
    ]);
  });

  it('cuts a message before it grows over maxFrameBytes', () => {
    const outbox = new Outbox(limits);
    outbox.push('a', 60);
    outbox.push('b', 60);
    expect(outbox.take()?.parts).toEqual(['a']);
    expect(outbox.take()?.parts).toEqual(['b']);
  });

  it('has no room beyond maxEvents or maxBytes, but an empty one takes any event', () => {
    const outbox = new Outbox(limits);
    expect(outbox.hasRoomFor(5000)).toBe(true);
    for (let n = 0; n < 10; n += 1) {
      expect(outbox.hasRoomFor(1)).toBe(true);
      outbox.push(n, 1);
    }
    expect(outbox.hasRoomFor(1)).toBe(false);
    const heavy = new Outbox(limits);
    heavy.push('x', 900);
    expect(heavy.hasRoomFor(200)).toBe(false);
  });

  it('knows when its oldest message takes no more events', () => {
    const outbox = new Outbox(limits);
    outbox.push(1, 1);
    outbox.push(2, 1);
    expect(outbox.hasFullBatch).toBe(false);
    outbox.push(3, 1);
    expect(outbox.hasFullBatch).toBe(true);
    outbox.take();
    expect(outbox.hasFullBatch).toBe(false);
  });

  it('keeps order and exact counts under any mix of push, take and restore', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('push' as const), bytes: fc.integer({ min: 1, max: 90 }) }),
      fc.record({ kind: fc.constant('take' as const) }),
      fc.record({ kind: fc.constant('restore' as const) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const outbox = new Outbox({ ...limits, maxEvents: 1000, maxBytes: 1e6 });
        const expected: number[] = [];
        const left: number[] = [];
        const due: number[] = [];
        let next = 0;
        let taken: ReturnType<Outbox['take']>;
        for (const s of steps) {
          if (s.kind === 'push') {
            outbox.push(next, s.bytes);
            expected.push(next);
            next += 1;
          } else if (s.kind === 'take') {
            taken = outbox.take();
            left.push(...((taken?.parts ?? []) as number[]));
            due.push(...expected.splice(0, taken?.parts.length ?? 0));
          } else if (taken !== undefined) {
            outbox.restore(taken);
            expected.unshift(...(taken.parts as number[]));
            taken = undefined;
          }
          expect(outbox.queuedEvents).toBe(expected.length);
        }
        while (outbox.queuedEvents > 0) {
          expect(outbox.take()?.parts.every((part) => part === expected.shift())).toBe(true);
        }
        expect(left).toEqual(due);
        expect(outbox.queuedBytes).toBe(0);
      }),
    );
  });

  it('stays small in memory while millions pass through it', () => {
    const outbox = new Outbox({ ...limits, maxBatchEvents: 1 });
    for (let n = 0; n < 5; n += 1) {
      outbox.push(n, 1);
    }
    for (let n = 0; n < 100_000; n += 1) {
      outbox.push(n, 1);
      outbox.take();
    }
    expect(outbox.queuedEvents).toBe(5);
    expect(outbox.clear()).toBe(5);
    expect(outbox.take()).toBeUndefined();
  });
});
