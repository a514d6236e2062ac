/** Begins long work one piece a turn of the event loop: whatever else waits gets its turn in between. */
export class Turns {
  private readonly waiting: (() => void)[] = [];
  private isTaken = false;

  /** Calls `begin` now when nothing else has begun in this turn, otherwise in a turn of its own, in the order of the calls. */
  take(begin: () => void): void {
    if (this.isTaken) {
      this.waiting.push(begin);
      return;
    }
    this.isTaken = true;
    setImmediate(() => this.next());
    begin();
  }

  private next(): void {
    const begin = this.waiting.shift();
    if (begin === undefined) {
      this.isTaken = false;
      return;
    }
    setImmediate(() => this.next());
    begin();
  }
}
