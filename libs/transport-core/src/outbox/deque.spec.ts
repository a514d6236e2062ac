import fc from 'fast-check';
import { Deque } from './deque.js';

describe('Deque', () => {
  it('behaves like an array under any mix of steps, through its compactions', () => {
    const step = fc.constantFrom('push' as const, 'push' as const, 'shift' as const, 'unshift' as const);
    fc.assert(
      fc.property(fc.array(fc.tuple(step, fc.integer({ min: 1, max: 900 })), { maxLength: 60 }), (steps) => {
        const deque = new Deque<number>();
        const expected: number[] = [];
        const taken: (number | undefined)[] = [];
        const due: (number | undefined)[] = [];
        let next = 0;
        for (const [kind, times] of steps) {
          for (let time = 0; time < times; time += 1) {
            next += 1;
            if (kind === 'push') {
              deque.push(next);
              expected.push(next);
            } else if (kind === 'shift') {
              taken.push(deque.shift());
              due.push(expected.shift());
            } else if (time === 0) {
              deque.unshift(next);
              expected.unshift(next);
            }
          }
          expect(deque.size).toBe(expected.length);
          expect(deque.oldest).toBe(expected[0]);
        }
        expect(taken).toEqual(due);
        expect(deque.takeAll()).toEqual(expected);
        expect(deque.size).toBe(0);
      }),
      { numRuns: 50 },
    );
  });
});
