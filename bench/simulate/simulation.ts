import { RandomSource } from '@app/trade-model';
import { Agenda } from './agenda.js';
import { drainSeconds, sidecarCapacity } from './closed-forms.js';
import type { Costs } from './costs.js';
import { eventsOf, type Message } from './queue.js';
import { LIVE_TURNS, type Refill, Sidecar } from './sidecar.js';
import { Station } from './station.js';

/** The loss of a sidecar. */
export interface Outage {
  readonly atSeconds: number;
  readonly awaySeconds: number;
  /** What the new process reads again. @default nothing */
  readonly refill?: Refill;
}

/** What is simulated. */
export interface SimulationSettings {
  /** Events a second, over all publishers. */
  readonly rate: number;
  readonly seconds: number;
  readonly publishers: number;
  readonly partitions: number;
  readonly sidecars: number;
  /** Events that a publisher sends as one message. */
  readonly eventsPerMessage: number;
  /** Whether messages come evenly, or independently of one another (Poisson). */
  readonly arrivals: 'even' | 'poisson';
  readonly seed: number;
  /** The first sidecar dies, and another process has its partitions after a while. */
  readonly outage?: Outage | undefined;
  readonly costs: Costs;
}

/** Shares of their time that processors worked, 0 to 1. */
export interface Utilisation {
  /** Of all publishers. */
  readonly publisher: number;
  /** Of the server that leads the stream. */
  readonly stream: number;
  /** Of all sidecars, and of the busiest. */
  readonly sidecar: number;
  readonly busiestSidecar: number;
}

/** What an outage cost. */
export interface Recovery {
  /** Events that waited for the lost sidecar when its partitions had an owner again. */
  readonly waitingEvents: number;
  /** From then until no more waited than before the loss; undefined when that did not happen in the simulated time. */
  readonly drainSeconds: number | undefined;
  /** The same by the formula (outage · λ + warm-up · μ + what is read again) / (μ − λ). */
  readonly formulaSeconds: number;
}

export interface SimulationResult {
  readonly offered: number;
  /** Events that were committed. */
  readonly applied: number;
  /** Events that were offered and not committed, by where they wait. */
  readonly waiting: { readonly publishers: number; readonly stream: number; readonly sidecars: number };
  readonly utilisation: Utilisation;
  /** From the offer of a message to its commit. */
  readonly lagSeconds: {
    readonly mean: number;
    readonly p50: number;
    readonly p99: number;
    readonly max: number;
  };
  readonly recovery: Recovery | undefined;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Publishers, one stream, its partitions and their sidecars, from empty queues on. */
export class Simulation {
  private readonly agenda = new Agenda();
  private readonly random: RandomSource;
  private readonly publishers: Station[];
  private readonly stream: Station;
  private readonly sidecars: Sidecar[];
  private readonly lags: number[] = [];
  private offered = 0;
  private applied = 0;
  private nextPartition = 0;
  private mostBefore = 0;
  private lostAtSeconds: number | undefined;
  private backAtSeconds: number | undefined;
  private waitingAtReturn = 0;
  private drainedAtSeconds: number | undefined;
  /** What the first sidecar has committed, for its successor to read again. */
  private readonly committed: Message[] = [];
  private readAgainEvents = 0;

  constructor(private readonly settings: SimulationSettings) {
    const { costs, publishers, partitions, sidecars, seed } = settings;
    this.random = new RandomSource(seed);
    this.stream = new Station(
      this.agenda,
      ({ events }) => costs.storeMessageSeconds + events * costs.storeEventSeconds,
      (message) => this.store(message),
    );
    this.publishers = Array.from(
      { length: publishers },
      () =>
        new Station(
          this.agenda,
          ({ events }) => costs.publishMessageSeconds + events * costs.publishEventSeconds,
          (message) => this.stream.offer(message),
        ),
    );
    this.sidecars = Array.from({ length: sidecars }, (_, index) => {
      // The partitions p with p mod sidecars = index.
      const owned = Math.ceil((partitions - index) / sidecars);
      return new Sidecar(this.agenda, costs, owned, (messages) => this.commit(index, messages));
    });
  }

  run(): SimulationResult {
    const { seconds, outage } = this.settings;
    const messageRate = this.settings.rate / this.settings.eventsPerMessage;
    this.publishers.forEach((publisher, index) => {
      const gap = this.publishers.length / messageRate;
      // Not all at once: publishers do not know of one another.
      this.agenda.after((gap * (index + 1)) / this.publishers.length, () => this.arrive(publisher, gap));
    });
    if (outage !== undefined) this.plan(outage);
    this.agenda.runUntil(seconds);
    return this.result();
  }

  private arrive(publisher: Station, gapSeconds: number): void {
    const message = { events: this.settings.eventsPerMessage, offeredAtSeconds: this.agenda.nowSeconds };
    this.offered += message.events;
    publisher.offer(message);
    const factor = this.settings.arrivals === 'even' ? 1 : this.random.exponential();
    this.agenda.after(gapSeconds * factor, () => this.arrive(publisher, gapSeconds));
  }

  /** Publishers go round the partitions. */
  private store(message: Message): void {
    const { partitions, sidecars } = this.settings;
    const partition = this.nextPartition;
    this.nextPartition = (partition + 1) % partitions;
    this.sidecars[partition % sidecars]?.offer(Math.floor(partition / sidecars), message);
  }

  private plan({ atSeconds, awaySeconds, refill }: Outage): void {
    const [victim] = this.sidecars;
    this.agenda.after(atSeconds, () => {
      this.lostAtSeconds = this.agenda.nowSeconds;
      victim?.die();
    });
    this.agenda.after(atSeconds + awaySeconds, () => {
      this.backAtSeconds = this.agenda.nowSeconds;
      this.waitingAtReturn = victim?.events ?? 0;
      const since = this.agenda.nowSeconds - (refill?.seconds ?? 0);
      const again = this.committed.filter(({ offeredAtSeconds }) => offeredAtSeconds >= since);
      this.readAgainEvents = Math.min(eventsOf(again), (refill?.maxLiveEvents ?? 0) / LIVE_TURNS);
      victim?.comeBack(again, refill?.maxLiveEvents);
    });
  }

  private commit(sidecar: number, messages: readonly Message[]): void {
    const now = this.agenda.nowSeconds;
    for (const { offeredAtSeconds } of messages) this.lags.push(now - offeredAtSeconds);
    this.applied += eventsOf(messages);
    if (sidecar !== 0 || this.settings.outage === undefined) return;
    const waiting = this.sidecars[0]?.events ?? 0;
    if (this.lostAtSeconds === undefined) this.committed.push(...messages);
    if (this.lostAtSeconds === undefined) this.mostBefore = Math.max(this.mostBefore, waiting);
    else if (this.backAtSeconds !== undefined && waiting <= this.mostBefore) this.drainedAtSeconds ??= now;
  }

  private result(): SimulationResult {
    const { seconds } = this.settings;
    const shares = this.sidecars.map(({ busy }) => busy.seconds / seconds);
    const lags = Float64Array.from(this.lags).sort();
    const quantile = (share: number): number =>
      lags[Math.min(lags.length - 1, Math.floor(share * lags.length))] ?? Number.NaN;
    return {
      offered: this.offered,
      applied: this.applied,
      waiting: {
        publishers: sum(this.publishers.map(({ events }) => events)),
        stream: this.stream.events,
        sidecars: sum(this.sidecars.map(({ events }) => events)),
      },
      utilisation: {
        publisher: sum(this.publishers.map(({ busy }) => busy.seconds)) / seconds / this.publishers.length,
        stream: this.stream.busy.seconds / seconds,
        sidecar: sum(shares) / shares.length,
        busiestSidecar: Math.max(...shares),
      },
      lagSeconds: {
        mean: sum(this.lags) / this.lags.length,
        p50: quantile(0.5),
        p99: quantile(0.99),
        max: quantile(1),
      },
      recovery: this.recovery(),
    };
  }

  private recovery(): Recovery | undefined {
    const { outage, rate, partitions, sidecars, eventsPerMessage, costs } = this.settings;
    const back = this.backAtSeconds;
    if (outage === undefined || back === undefined) return undefined;
    const share = Math.ceil(partitions / sidecars) / partitions;
    return {
      waitingEvents: this.waitingAtReturn,
      drainSeconds: this.drainedAtSeconds === undefined ? undefined : this.drainedAtSeconds - back,
      formulaSeconds: drainSeconds(
        outage.awaySeconds,
        rate * share,
        sidecarCapacity(costs, eventsPerMessage),
        costs.warmUpSeconds,
        this.readAgainEvents * costs.refillShare,
      ),
    };
  }
}
