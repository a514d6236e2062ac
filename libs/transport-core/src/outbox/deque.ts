/** A queue over an array: both ends are cheap, and nothing moves before half of the array is spent. */
export class Deque<T> {
  protected items: (T | undefined)[] = [];
  protected head = 0;

  get size(): number {
    return this.items.length - this.head;
  }

  get oldest(): T | undefined {
    return this.items[this.head];
  }

  push(item: T): void {
    this.items.push(item);
  }

  /** Takes the oldest. */
  shift(): T | undefined {
    const item = this.items[this.head];
    if (item !== undefined) {
      this.items[this.head] = undefined;
      this.head += 1;
      this.compact();
    }
    return item;
  }

  /** Puts an item before the oldest. */
  unshift(item: T): void {
    if (this.head > 0) {
      this.head -= 1;
      this.items[this.head] = item;
    } else {
      this.items.unshift(item);
    }
  }

  /** Empties it. @returns its items, oldest first */
  takeAll(): T[] {
    const all = this.items.slice(this.head) as T[];
    this.items = [];
    this.head = 0;
    return all;
  }

  /** Moves what is left to the front of the array once half of it is spent: amortised O(1) for each item. */
  protected compact(): void {
    if (this.head === this.items.length) {
      this.items.length = 0;
      this.head = 0;
    } else if (this.head > 1024 && this.head * 2 > this.items.length) {
      this.items = this.items.slice(this.head);
      this.head = 0;
    }
  }
}
