/** What is to happen, in order of time: the clock of a simulation. */
export class Agenda {
  private time = 0;
  /** A binary heap: an entry is never later than the two below it. */
  private readonly heap: {
    readonly atSeconds: number;
    readonly order: number;
    readonly action: () => void;
  }[] = [];
  private count = 0;

  get nowSeconds(): number {
    return this.time;
  }

  /** What is planned for the same time happens in the order in which it was planned. */
  after(delaySeconds: number, action: () => void): void {
    this.count += 1;
    this.heap.push({ atSeconds: this.time + delaySeconds, order: this.count, action });
    for (let at = this.heap.length - 1; at > 0;) {
      const above = (at - 1) >> 1;
      if (!this.isBefore(at, above)) return;
      this.swap(at, above);
      at = above;
    }
  }

  /** Lets everything happen that is planned up to this time. */
  runUntil(endSeconds: number): void {
    for (let next = this.heap[0]; next !== undefined && next.atSeconds <= endSeconds; next = this.heap[0]) {
      this.removeFirst();
      this.time = next.atSeconds;
      next.action();
    }
    this.time = endSeconds;
  }

  private removeFirst(): void {
    const last = this.heap.pop();
    if (last === undefined || this.heap.length === 0) return;
    this.heap[0] = last;
    for (let at = 0; ;) {
      const left = 2 * at + 1;
      const below = this.isBefore(left + 1, left) ? left + 1 : left;
      if (!this.isBefore(below, at)) return;
      this.swap(at, below);
      at = below;
    }
  }

  private isBefore(a: number, b: number): boolean {
    const first = this.heap[a];
    const second = this.heap[b];
    if (first === undefined || second === undefined) return false;
    return first.atSeconds === second.atSeconds
      ? first.order < second.order
      : first.atSeconds < second.atSeconds;
  }

  private swap(a: number, b: number): void {
    const first = this.heap[a];
    const second = this.heap[b];
    if (first === undefined || second === undefined) return;
    this.heap[a] = second;
    this.heap[b] = first;
  }
}
