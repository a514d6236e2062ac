import { toUSVString } from 'node:util';
import { type LabelDefinition, MAX_LABEL_CHARACTERS, type MetricDefinition, OTHER } from '../definitions.js';

/** Beyond the largest `max`: four indexes make one whole number that a double holds. */
const RADIX = 8192;

/** What of a series outlives a restart. */
export interface KeptSeries {
  /** Of its metric, see `signatureOf`. */
  readonly signature: string;
  /** Values of the labels that are read from the event, in their order. */
  readonly labels: readonly string[];
  /** A counter's or gauge's value, or a histogram's sum. */
  readonly value: number;
  /** A histogram's observations by bucket, the last one above all bounds. */
  readonly counts?: readonly number[];
  /** When it was last moved, in unix epoch seconds. */
  readonly movedAtSeconds: number;
}

/** The labels that differ between the series of a metric. */
export function readLabelsOf({ labels }: MetricDefinition): readonly LabelDefinition[] {
  return labels.filter(({ from }) => from !== undefined);
}

/** What a metric must have in common with an earlier one to continue its counts. */
export function signatureOf(metric: MetricDefinition): string {
  const labels = metric.labels.map(({ name, constant }) =>
    constant === undefined ? name : `${name}=${constant}`,
  );
  return JSON.stringify([metric.kind, metric.name, labels, metric.buckets]);
}

/** One combination of label values. */
export class Series {
  value = 0;
  count = 0;
  movedAtSeconds = 0;
  /** Whether it waits to be kept. */
  isChanged = false;

  constructor(
    readonly signature: string,
    /** Numbers the series among all of its tallies. */
    readonly id: number,
    readonly labels: readonly string[],
    readonly indexes: readonly number[],
    readonly counts: Float64Array | undefined,
  ) {}

  kept(): KeptSeries {
    const { signature, labels, value, counts, movedAtSeconds } = this;
    return { signature, labels, value, ...(counts && { counts: [...counts] }), movedAtSeconds };
  }
}

/** The values of one label that have series: at most `max`, and `other`. */
class LabelTable {
  private readonly indexes = new Map<string, number>();
  private readonly free: number[] = [];
  private next = 0;
  /** The index of `other`; undefined before it is needed. */
  private other: number | undefined;

  constructor(
    private max: number,
    private readonly isClosed: boolean,
  ) {}

  /** @returns -1 for a value beyond the bound */
  indexOf(text: string): number {
    return this.indexes.get(text) ?? this.admit(text);
  }

  otherIndex(): number {
    this.other ??= this.add(OTHER);
    return this.other;
  }

  /** The index of a value that has a series already, whatever the bound is now. */
  add(text: string): number {
    const known = this.indexes.get(text);
    if (known !== undefined) return known;
    const index = this.free.pop() ?? this.next;
    if (index === this.next) this.next += 1;
    this.indexes.set(text, index);
    if (text === OTHER) this.other = index;
    return index;
  }

  /** Forgets the values without a series. */
  keepOnly(used: ReadonlySet<number>): void {
    for (const [text, index] of this.indexes) {
      if (used.has(index)) continue;
      this.indexes.delete(text);
      this.free.push(index);
      if (text === OTHER) this.other = undefined;
    }
  }

  private admit(text: string): number {
    if (text.length > MAX_LABEL_CHARACTERS) return -1;
    // Lone surrogates would all be written as the same character, and Prometheus refuses two series of one name.
    const clean = toUSVString(text);
    const known = this.indexes.get(clean);
    if (known !== undefined) return known;
    const own = this.indexes.size - (this.other === undefined ? 0 : 1);
    return this.isClosed || own >= this.max ? -1 : this.add(clean);
  }
}

/** What a tally tells its owner. */
export interface TallyOwner {
  nextId(): number;
  changed(series: Series): void;
  removed(series: Series): void;
  /** A label value beyond its bound was counted as `other`. */
  overflow(): void;
}

/** The series of one metric. O(1) an event, bounded by the bounds of its labels. */
export class MetricTally {
  readonly signature: string;
  private readonly tables: readonly LabelTable[];
  private readonly series = new Map<number, Series>();
  private readonly fixed: ReadonlySet<Series>;

  constructor(
    readonly definition: MetricDefinition,
    private readonly owner: TallyOwner,
  ) {
    this.signature = signatureOf(definition);
    const read = readLabelsOf(definition);
    this.tables = read.map(({ max, values }) => new LabelTable(max, values !== undefined));
    read.forEach(({ values = [] }, index) => values.forEach((value) => this.tables[index]?.add(value)));
    this.fixed = new Set(this.fromTheStart(read.map(({ values }) => values)));
  }

  /** All series, in the order in which they came. */
  all(): Iterable<Series> {
    return this.series.values();
  }

  get size(): number {
    return this.series.size;
  }

  /** The series of these label values, a new one if need be. */
  find(texts: readonly string[]): Series {
    const { tables } = this;
    let key = 0;
    for (let place = 0; place < tables.length; place += 1) {
      const table = tables[place] as LabelTable;
      let index = table.indexOf(texts[place] as string);
      if (index === -1) {
        index = table.otherIndex();
        this.owner.overflow();
      }
      key = key * RADIX + index;
    }
    return this.series.get(key) ?? this.create(key, texts);
  }

  add(series: Series, step: number, atSeconds: number): void {
    series.value += step;
    this.moved(series, atSeconds);
  }

  set(series: Series, value: number, atSeconds: number): void {
    series.value = value;
    this.moved(series, atSeconds);
  }

  observe(series: Series, value: number, atSeconds: number): void {
    const counts = series.counts as Float64Array;
    const bucket = bucketOf(this.definition.buckets, value);
    counts[bucket] = (counts[bucket] ?? 0) + 1;
    series.count += 1;
    series.value += value;
    this.moved(series, atSeconds);
  }

  /** Continues a series of this signature: of an earlier process, or from before the file was read again. */
  restore({ labels, value, counts, movedAtSeconds }: KeptSeries): void {
    const indexes = labels.map((text, place) => this.tables[place]?.add(text) ?? 0);
    const key = indexes.reduce((sum, index) => sum * RADIX + index, 0);
    const series = this.series.get(key) ?? this.make(key, labels, indexes);
    series.value = value;
    series.movedAtSeconds = movedAtSeconds;
    if (counts !== undefined) {
      series.counts?.set(counts);
      series.count = counts.reduce((sum, each) => sum + each, 0);
    }
    this.changed(series);
  }

  /** Ends the series that nothing has moved for too long. Call it now and then. */
  endSilent(nowSeconds: number): void {
    const { endsAfterSeconds } = this.definition;
    if (endsAfterSeconds === undefined) return;
    let isShorter = false;
    for (const [key, series] of this.series) {
      if (this.fixed.has(series) || nowSeconds - series.movedAtSeconds < endsAfterSeconds) continue;
      this.series.delete(key);
      this.owner.removed(series);
      isShorter = true;
    }
    if (!isShorter) return;
    this.tables.forEach((table, place) => {
      const { values = [] } = readLabelsOf(this.definition)[place] ?? {};
      const used = new Set([...this.series.values()].map(({ indexes }) => indexes[place] ?? 0));
      for (const value of values) used.add(table.add(value));
      table.keepOnly(used);
    });
  }

  private moved(series: Series, atSeconds: number): void {
    series.movedAtSeconds = atSeconds;
    this.changed(series);
  }

  private changed(series: Series): void {
    if (series.isChanged) return;
    series.isChanged = true;
    this.owner.changed(series);
  }

  private create(key: number, texts: readonly string[]): Series {
    const indexes: number[] = [];
    const labels = texts.map((text, place) => {
      const table = this.tables[place] as LabelTable;
      const index = table.indexOf(text);
      indexes.push(index === -1 ? table.otherIndex() : index);
      return index === -1 ? OTHER : toUSVString(text);
    });
    return this.make(key, labels, indexes);
  }

  private make(key: number, labels: readonly string[], indexes: readonly number[]): Series {
    const { kind, buckets } = this.definition;
    const counts = kind === 'histogram' ? new Float64Array(buckets.length + 1) : undefined;
    const series = new Series(this.signature, this.owner.nextId(), labels, indexes, counts);
    this.series.set(key, series);
    return series;
  }

  /** Series whose labels are all known beforehand exist at 0: a rate needs a first sample to start from. */
  private fromTheStart(values: readonly (readonly string[] | undefined)[]): Series[] {
    let combinations: string[][] = [[]];
    for (const each of values) {
      if (each === undefined) return [];
      combinations = combinations.flatMap((before) => each.map((value) => [...before, value]));
    }
    return combinations.map((labels) => this.find(labels));
  }
}

/** The first bucket whose bound is not below the value. */
function bucketOf(bounds: readonly number[], value: number): number {
  let [low, high] = [0, bounds.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (value <= (bounds[middle] ?? 0)) high = middle;
    else low = middle + 1;
  }
  return low;
}
