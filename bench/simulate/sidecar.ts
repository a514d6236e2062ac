import type { Agenda } from './agenda.js';
import type { Costs } from './costs.js';
import { eventsOf, type Message, Queue } from './queue.js';
import { BusyTime } from './station.js';

/** One partition: what waits, and what its sidecar works on. */
class Partition {
  readonly queue = new Queue();
  /** Taken and not committed. */
  taken: Message[] = [];
  isReady = false;

  get events(): number {
    return this.queue.events + eventsOf(this.taken);
  }
}

/** What a new process reads again of what was committed, to fill its windows. It does that beside the handling, in turns. */
export interface Refill {
  /** How far back. */
  readonly seconds: number;
  /** It ends early once so many newer events were handled. */
  readonly maxLiveEvents: number;
}

/** Turns of handling for one of the refill, where both have work: as measured with `trading_window_trades` of a real sidecar. */
export const LIVE_TURNS = 2;

/**
 * One process with one processor. It takes the messages that wait in one of its partitions, handles them, and commits them
 * together with the position; while that commit is on its way, it works for its other partitions.
 */
export class Sidecar {
  readonly busy: BusyTime;
  private readonly partitions: Partition[];
  /** Partitions that have something to do, the longest waiting first. */
  private ready: Partition[] = [];
  private isBusy = false;
  /** What a process has begun ends with it. */
  private life = 0;
  private isAlive = true;
  /** What is still to be read again. */
  private readonly again = new Queue();
  private liveTurns = 0;
  /** Newer events that may be handled before the reading ends. */
  private liveEvents = 0;

  /** @param onCommitted the messages that count from now on */
  constructor(
    private readonly agenda: Agenda,
    private readonly costs: Costs,
    partitions: number,
    private readonly onCommitted: (messages: readonly Message[]) => void,
  ) {
    this.busy = new BusyTime(agenda);
    this.partitions = Array.from({ length: partitions }, () => new Partition());
  }

  /** Events that are stored for it and not committed. */
  get events(): number {
    return this.partitions.reduce((sum, { events }) => sum + events, 0);
  }

  /** A message is stored in one of its partitions. */
  offer(index: number, message: Message): void {
    const partition = this.partitions[index];
    if (partition === undefined) throw new Error(`there is no partition ${index}`);
    partition.queue.push(message);
    this.consider(partition);
  }

  /** It dies: what it has not committed waits again, in its order. */
  die(): void {
    this.isAlive = false;
    this.life += 1;
    this.isBusy = false;
    this.ready = [];
    this.again.take(this.again.messages);
    this.busy.interrupt();
    for (const partition of this.partitions) {
      partition.queue.putBack(partition.taken);
      partition.taken = [];
      partition.isReady = false;
    }
  }

  /**
   * Another process has its partitions now.
   * @param again the committed messages that it reads again
   */
  comeBack(again: readonly Message[] = [], maxLiveEvents = 0): void {
    this.isAlive = true;
    this.again.putBack(again);
    this.liveEvents = maxLiveEvents;
    this.spend(this.costs.warmUpSeconds, () => undefined);
    for (const partition of this.partitions) this.consider(partition);
  }

  private consider(partition: Partition): void {
    const hasWork = partition.queue.messages > 0 && partition.taken.length === 0;
    if (!this.isAlive || partition.isReady || !hasWork) return;
    partition.isReady = true;
    this.ready.push(partition);
    this.work();
  }

  private work(): void {
    if (this.isBusy || !this.isAlive) return;
    const hasAgain = this.again.messages > 0;
    const partition = hasAgain && this.liveTurns >= LIVE_TURNS ? undefined : this.ready.shift();
    if (partition !== undefined) this.handle(partition);
    else if (hasAgain) this.readAgain();
  }

  private handle(partition: Partition): void {
    const { commitSeconds, commitWaitSeconds, turnMessages } = this.costs;
    partition.isReady = false;
    partition.taken = partition.queue.take(turnMessages);
    this.liveTurns += 1;
    this.liveEvents -= eventsOf(partition.taken);
    if (this.liveEvents < 0) this.again.take(this.again.messages);
    this.spend(this.handleSeconds(partition.taken) + commitSeconds, () =>
      this.whileAlive(commitWaitSeconds, () => this.commit(partition)),
    );
  }

  private readAgain(): void {
    this.liveTurns = 0;
    const messages = this.again.take(this.costs.turnMessages);
    this.spend(this.handleSeconds(messages) * this.costs.refillShare, () => undefined);
  }

  private handleSeconds(messages: readonly Message[]): number {
    const { handleEventSeconds, handleMessageSeconds } = this.costs;
    return eventsOf(messages) * handleEventSeconds + messages.length * handleMessageSeconds;
  }

  /** Works for so long, and then for whatever waits. */
  private spend(seconds: number, onDone: () => void): void {
    this.isBusy = true;
    this.busy.add(seconds);
    this.whileAlive(seconds, () => {
      this.isBusy = false;
      onDone();
      this.work();
    });
  }

  private commit(partition: Partition): void {
    const { taken } = partition;
    partition.taken = [];
    this.onCommitted(taken);
    this.consider(partition);
  }

  private whileAlive(delaySeconds: number, action: () => void): void {
    const { life } = this;
    this.agenda.after(delaySeconds, () => {
      if (this.life === life) action();
    });
  }
}
