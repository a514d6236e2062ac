import { toUSVString } from 'node:util';
import type { MetricsFile } from '../src/index.js';

type Samples = Record<string, number | number[]>;

/** What a file means, in the plainest words: no plans, no tables, one event after the other. The library must agree with it. */
export class PlainInterpreter {
  readonly samples: Samples = {};
  rejected = 0;
  /** The values of each label so far. */
  private readonly known: Record<string, string[]> = {};

  constructor(private readonly file: MetricsFile) {}

  apply(event: Record<string, unknown>): void {
    const definition = this.file.events.get(event.type as string);
    if (definition === undefined || definition.check(event) !== undefined) return this.reject();
    const moves: (() => void)[] = [];
    for (const metric of definition.metrics) {
      if (!metric.where.every(({ pointer, values }) => values.includes(at(event, pointer) as never)))
        continue;
      const raw = typeof metric.value === 'string' ? at(event, metric.value) : metric.value;
      if (typeof raw !== 'number' || !Number.isFinite(raw * metric.scale)) return this.reject();
      const value = raw * metric.scale;
      if (metric.kind !== 'gauge' && Math.abs(value) > 1e15) return this.reject();
      if (metric.kind === 'counter' && value < 0) return this.reject();
      const texts: string[] = [];
      for (const { constant, from, fallback } of metric.labels) {
        if (constant !== undefined) continue;
        const found = at(event, from ?? '');
        const text = ['string', 'number', 'boolean'].includes(typeof found) ? String(found) : fallback;
        if (text === undefined) return this.reject();
        // Half of a surrogate pair is no character: all halves are shown as the same one.
        texts.push(toUSVString(text));
      }
      moves.push(() => this.move(metric, texts, value));
    }
    for (const move of moves) move();
  }

  private move({ kind, name, labels, buckets }: Metric, texts: string[], value: number): void {
    const read = labels.filter(({ from }) => from !== undefined);
    const shown = texts.map((text, place) => {
      const { max = 0, values } = read[place] ?? {};
      const seen = (this.known[`${name} ${place}`] ??= [...(values ?? [])]);
      if (seen.includes(text)) return text;
      if (
        text.length > 128 ||
        values !== undefined ||
        seen.filter((each) => each !== 'other').length >= max
      ) {
        return 'other';
      }
      seen.push(text);
      return text;
    });
    const key = JSON.stringify([name, ...shown]);
    if (kind === 'counter') this.samples[key] = Number(this.samples[key] ?? 0) + value;
    if (kind === 'gauge') this.samples[key] = value;
    if (kind !== 'histogram') return;
    const counts = (this.samples[key] ??= [0, ...buckets.map(() => 0), 0]) as number[];
    const bucket = buckets.findIndex((bound) => value <= bound);
    const place = 1 + (bucket === -1 ? buckets.length : bucket);
    counts[0] = (counts[0] ?? 0) + value;
    counts[place] = (counts[place] ?? 0) + 1;
  }

  private reject(): void {
    this.rejected += 1;
  }
}

type Metric =
  MetricsFile['events'] extends ReadonlyMap<string, infer E>
    ? E extends { metrics: readonly (infer M)[] }
      ? M
      : never
    : never;

/** The value at a JSON pointer, among own fields only. */
function at(event: unknown, pointer: string): unknown {
  let value = event;
  for (const raw of pointer.split('/').slice(1)) {
    const key = raw.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    if (Array.isArray(value) && !/^(0|[1-9]\d*)$/.test(key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}
