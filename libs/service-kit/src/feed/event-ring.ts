/** What a reader gets: the items after its position, and how many it can no longer get. */
export interface RingSlice<T> {
  items: T[];
  missed: number;
}

/**
 * The last `capacity` items of an endless sequence, numbered from 1. Adding is O(1) and allocates nothing. The oldest item is
 * overwritten; a reader that comes too late learns how many items it missed.
 */
export class EventRing<T> {
  private readonly slots: (T | undefined)[];
  private count = 0;

  constructor(private readonly capacity: number) {
    this.slots = Array.from<T | undefined>({ length: capacity });
  }

  /** Number of the newest item; 0 before the first. */
  get last(): number {
    return this.count;
  }

  add(item: T): void {
    this.slots[this.count % this.capacity] = item;
    this.count += 1;
  }

  after(position: number): RingSlice<T> {
    const first = Math.max(position, this.count - this.capacity, 0);
    const items: T[] = [];
    for (let index = first; index < this.count; index += 1) {
      items.push(this.slots[index % this.capacity] as T);
    }
    return { items, missed: Math.max(0, first - position) };
  }
}
