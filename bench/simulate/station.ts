import type { Agenda } from './agenda.js';
import { eventsOf, type Message, Queue } from './queue.js';

/** How long a processor has worked, up to now. */
export class BusyTime {
  private total = 0;
  private untilSeconds = 0;

  constructor(private readonly agenda: Agenda) {}

  add(seconds: number): void {
    this.total += seconds;
    this.untilSeconds = this.agenda.nowSeconds + seconds;
  }

  /** What was added and is still to be worked does not count, as when a process dies. */
  interrupt(): void {
    this.total = this.seconds;
    this.untilSeconds = this.agenda.nowSeconds;
  }

  get seconds(): number {
    return this.total - Math.max(0, this.untilSeconds - this.agenda.nowSeconds);
  }
}

/** Serves one message after the other: a publisher, or the leader of a stream. */
export class Station {
  readonly busy: BusyTime;
  private readonly queue = new Queue();
  private served: readonly Message[] = [];

  constructor(
    private readonly agenda: Agenda,
    private readonly serviceSeconds: (message: Message) => number,
    private readonly onServed: (message: Message) => void,
  ) {
    this.busy = new BusyTime(agenda);
  }

  /** Events that wait or are served. */
  get events(): number {
    return this.queue.events + eventsOf(this.served);
  }

  offer(message: Message): void {
    this.queue.push(message);
    if (this.served.length === 0) this.next();
  }

  private next(): void {
    this.served = this.queue.take(1);
    const [message] = this.served;
    if (message === undefined) return;
    const seconds = this.serviceSeconds(message);
    this.busy.add(seconds);
    this.agenda.after(seconds, () => {
      this.onServed(message);
      this.next();
    });
  }
}
