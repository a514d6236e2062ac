import type { EventFault, MetricDefinition, MetricsFile } from '../definitions.js';
import { type EventPlan, planOf, type TypeTally } from './event-plan.js';
import { type KeptSeries, MetricTally, type Series, type TallyOwner } from './metric-tally.js';
import { packed, unpacked } from './packed-series.js';

/** The functions of a file's types: made once, used by all tallies. */
export class EventPlans {
  private readonly byType: ReadonlyMap<string, EventPlan>;

  constructor(readonly file: MetricsFile) {
    this.byType = new Map([...file.events].map(([type, definition]) => [type, planOf(definition)]));
  }

  /** Undefined for a type that is not in the file. */
  find(type: string): EventPlan | undefined {
    return this.byType.get(type);
  }

  get types(): readonly string[] {
    return [...this.byType.keys()];
  }

  get metrics(): readonly MetricDefinition[] {
    return [...this.file.events.values()].flatMap(({ metrics }) => metrics);
  }
}

/** A series that changed since it was last asked for. */
export interface SeriesChange {
  readonly id: number;
  /** Undefined: it ended. */
  readonly series: KeptSeries | undefined;
}

/** How often silent series are looked for while events come in. */
const LOOK_SECONDS = 1;

/** One count of all configured metrics. Behind a broker there is one for each partition. */
export class EventTallies implements TallyOwner {
  private readonly byType = new Map<string, TypeTally>();
  private readonly byName = new Map<string, MetricTally>();
  private readonly bySignature = new Map<string, MetricTally>();
  private readonly changes = new Map<number, Series | undefined>();
  private lastId: number;
  private overflows = 0;
  private nextLookSeconds = 0;
  private changeCount = 0;
  private lastText: string | undefined;

  /** @param firstId the lowest number of a series */
  constructor(
    readonly plans: EventPlans,
    firstId = 1,
  ) {
    this.lastId = firstId - 1;
    for (const [type, { metrics }] of plans.file.events) {
      this.byType.set(
        type,
        metrics.map((metric) => this.create(metric)),
      );
    }
  }

  /**
   * Counts a batch.
   *
   * @param reject called for each event that is not counted
   * @returns events that were counted; undefined for a type that is not in the file
   */
  record(
    type: string,
    events: readonly unknown[],
    atSeconds: number,
    reject: (index: number, fault: EventFault) => void,
  ): number | undefined {
    const plan = this.plans.find(type);
    const tally = this.byType.get(type);
    if (plan === undefined || tally === undefined) return undefined;
    if (atSeconds >= this.nextLookSeconds) {
      this.nextLookSeconds = atSeconds + LOOK_SECONDS;
      this.endSilent(atSeconds);
    }
    return plan.count(events, tally, atSeconds, reject);
  }

  /** The series of a metric; undefined for one that is not in the file. */
  find(name: string): MetricTally | undefined {
    return this.byName.get(name);
  }

  /** Ends the series that nothing has moved for longer than their metric allows. */
  endSilent(nowSeconds: number): void {
    for (const tally of this.byName.values()) tally.endSilent(nowSeconds);
  }

  /**
   * Continues counts of earlier. Series whose metric is not in the file, or has other labels or buckets, are left out.
   *
   * @returns how many were left out
   */
  restore(kept: Iterable<KeptSeries>): number {
    let left = 0;
    for (const series of kept) {
      const tally = this.bySignature.get(series.signature);
      if (tally === undefined) left += 1;
      else tally.restore(series);
    }
    return left;
  }

  /** The same counts under another file. @returns also how many series the file has no metric for */
  under(plans: EventPlans): { readonly tallies: EventTallies; readonly left: number } {
    const ended = [...this.changes].flatMap(([id, series]) => (series === undefined ? [id] : []));
    const tallies = new EventTallies(plans, this.lastId + 1);
    const left = tallies.restore(this.all());
    for (const id of [...ended, ...[...this.series()].map((series) => series.id)])
      tallies.changes.set(id, undefined);
    tallies.overflows = this.overflows;
    tallies.changeCount += this.changeCount;
    return { tallies, left };
  }

  /** Continues series that were kept under these numbers; those numbers are named among the changes, as ended. */
  static continuing(
    plans: EventPlans,
    kept: ReadonlyMap<number, KeptSeries>,
  ): { readonly tallies: EventTallies; readonly left: number } {
    const tallies = new EventTallies(plans, Math.max(0, ...kept.keys()) + 1);
    const left = tallies.restore(kept.values());
    for (const id of kept.keys()) tallies.changes.set(id, undefined);
    return { tallies, left };
  }

  /** A copy of all counts, without series that never moved. */
  all(): KeptSeries[] {
    return [...this.series()]
      .filter(({ movedAtSeconds }) => movedAtSeconds > 0)
      .map((series) => series.kept());
  }

  /** All counts as one text; `restoreText` reads it. In place of `takeChanges`: it takes note of the changes too. */
  text(): string {
    if (this.lastText === undefined || this.changes.size > 0) {
      this.lastText = packed(this.all());
      this.forgetChanges();
    }
    return this.lastText;
  }

  /** @returns how many series were left out @throws SyntaxError for a text that `text` did not write */
  restoreText(text: string): number {
    return this.restore(unpacked(text));
  }

  /** Copies of the series that changed since the last call. */
  takeChanges(): SeriesChange[] {
    const changes = [...this.changes].map(([id, series]) => ({ id, series: series?.kept() }));
    this.forgetChanges();
    return changes;
  }

  /** Grows with every series that changes; once until `takeChanges` is called. */
  get revision(): number {
    return this.changeCount;
  }

  /** Label values that were beyond their bound, since the start. */
  get overflowed(): number {
    return this.overflows;
  }

  /** For the tallies. */
  nextId(): number {
    this.lastId += 1;
    return this.lastId;
  }

  /** For the tallies. */
  changed(series: Series): void {
    this.changeCount += 1;
    this.changes.set(series.id, series);
  }

  /** For the tallies. */
  removed({ id }: Series): void {
    this.changeCount += 1;
    this.changes.set(id, undefined);
  }

  /** For the tallies. */
  overflow(): void {
    this.overflows += 1;
  }

  private forgetChanges(): void {
    for (const series of this.changes.values()) if (series !== undefined) series.isChanged = false;
    this.changes.clear();
  }

  private *series(): Iterable<Series> {
    for (const tally of this.byName.values()) yield* tally.all();
  }

  private create(metric: MetricDefinition): MetricTally {
    const tally = new MetricTally(metric, this);
    this.byName.set(metric.name, tally);
    this.bySignature.set(tally.signature, tally);
    return tally;
  }
}
