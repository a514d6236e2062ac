import { EventRing } from './event-ring.js';

function ringOf(capacity: number, count: number): EventRing<number> {
  const ring = new EventRing<number>(capacity);
  for (let item = 1; item <= count; item += 1) ring.add(item);
  return ring;
}

describe('EventRing', () => {
  it('gives a reader the items after its position, oldest first', () => {
    expect(ringOf(4, 3).after(1)).toEqual({ items: [2, 3], missed: 0 });
  });

  it('gives nothing to a reader that is up to date', () => {
    expect(ringOf(4, 3).after(3)).toEqual({ items: [], missed: 0 });
  });

  it('tells a late reader how many items were overwritten', () => {
    expect(ringOf(4, 10).after(2)).toEqual({ items: [7, 8, 9, 10], missed: 4 });
  });

  it('gives nothing for a position that is not reached yet', () => {
    expect(ringOf(4, 3).after(99)).toEqual({ items: [], missed: 0 });
  });
});
