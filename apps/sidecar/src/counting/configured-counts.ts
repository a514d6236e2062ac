import { METRICS } from '@app/contracts';
import {
  type EventFault,
  EventPlans,
  EventTallies,
  type KeptSeries,
  type MetricsFile,
  ShownMetric,
  type ShownTally,
} from '@app/event-metrics';
import { pulledCounter, pulledCounters } from '@app/service-kit';
import { epochSeconds } from '@app/transport-core';
import { Injectable } from '@nestjs/common';
import { type Metric, register } from 'prom-client';
import { metricsFileOf, SidecarConfig } from '../config/sidecar.config.js';
import type { KeptValues } from './state/state-record.js';
import type { KeptRows } from './state/trade-state.js';

/** A partition that this process owns: what its handler counted, and the text of that which is committed. */
interface ConfiguredPartition {
  readonly tallies: EventTallies;
  readonly shownText: string | undefined;
}

/** What is read from a committed text; read again when that or the file has changed. */
interface ShownPartition {
  readonly text: string | undefined;
  readonly tallies: EventTallies;
}

/**
 * Counts the event types of SIDECAR_METRICS; nothing without it. Over ZeroMQ there is one count, shown at once; behind a broker each
 * partition has its own, and what is committed of it is shown, as for trades.
 */
@Injectable()
export class ConfiguredCounts implements KeptRows {
  readonly part = 'configured';
  private plans: EventPlans | undefined;
  /** Over ZeroMQ. */
  private whole: EventTallies | undefined;
  private readonly partitions = new Map<number, ConfiguredPartition>();
  private readonly shown = new Map<number, ShownPartition>();
  private readonly appliedByType = new Map<string, number>();
  private readonly registered: string[] = [];
  /** Overflows of partitions that were left. */
  private pastOverflows = 0;

  constructor(private readonly config: SidecarConfig) {
    if (config.SIDECAR_METRICS === undefined) return;
    this.use(metricsFileOf(config));
    pulledCounters(METRICS.configuredEvents, 'type', () => Object.fromEntries(this.appliedByType));
    pulledCounter(METRICS.configuredOverflow, () => this.overflowed());
  }

  /** The types of the file. */
  get types(): readonly string[] {
    return this.plans?.types ?? [];
  }

  /** The file in use; undefined without one. */
  get file(): MetricsFile | undefined {
    return this.plans?.file;
  }

  /** Events that were counted since the start of this process. */
  get applied(): number {
    return [...this.appliedByType.values()].reduce((sum, events) => sum + events, 0);
  }

  /** Grows when anything changes that is kept over a restart. */
  get revision(): number {
    return this.whole?.revision ?? 0;
  }

  /** For the kept state: what changed since the last call. Nothing behind a broker, which keeps the counts itself. */
  *takeChanged(): Iterable<readonly [key: string, value: unknown]> {
    for (const { id, series } of this.whole?.takeChanges() ?? []) yield [String(id), series];
  }

  /** Continues the counts of an earlier process. Series of metrics that are not in the file any more end. */
  restore(values: KeptValues): void {
    if (this.plans === undefined || this.whole === undefined) return;
    const kept = new Map([...values].map(([id, series]) => [Number(id), series as KeptSeries]));
    this.whole = EventTallies.continuing(this.plans, kept).tallies;
  }

  /**
   * Counts a batch, each event wholly or not at all.
   *
   * @param partition undefined where there are none
   * @param reject called for each event that is not counted
   * @returns false when the file does not have the type: nothing was counted or rejected
   * @throws Error when this sidecar does not count the partition
   */
  record(
    type: string,
    events: readonly unknown[],
    { partition, atSeconds }: { readonly partition: number | undefined; readonly atSeconds: number },
    reject: (index: number, fault: EventFault) => void,
  ): boolean {
    const counted = this.talliesOf(partition)?.record(type, events, atSeconds, reject);
    if (counted === undefined) return false;
    this.appliedByType.set(type, (this.appliedByType.get(type) ?? 0) + counted);
    return true;
  }

  /** Why the event would not be counted; undefined when it would be, or its type is not in the file. */
  check(type: string, event: unknown): EventFault | undefined {
    return this.plans?.find(type)?.check(event);
  }

  /**
   * Counts by another file from now on. A metric that keeps its name, kind, labels and buckets keeps its counts.
   *
   * @returns how many series ended, because the file has no such metric any more
   */
  use(file: MetricsFile): number {
    const plans = new EventPlans(file);
    let ended = 0;
    const under = (before: EventTallies): EventTallies => {
      const { tallies, left } = before.under(plans);
      ended += left;
      return tallies;
    };
    if (this.config.NATS_URL === undefined) {
      this.whole = this.whole === undefined ? new EventTallies(plans) : under(this.whole);
    }
    for (const [partition, before] of this.partitions) {
      this.partitions.set(partition, { ...before, tallies: under(before.tallies) });
    }
    this.shown.clear();
    this.plans = plans;
    for (const type of plans.types) this.appliedByType.set(type, this.appliedByType.get(type) ?? 0);
    this.showMetrics(plans);
    return ended;
  }

  /** Behind a broker: the partition is this process's, and continues from this text. */
  take(partition: number, text: string | undefined): void {
    if (this.plans === undefined) return;
    this.leave(partition);
    const tallies = new EventTallies(this.plans);
    if (text !== undefined) tallies.restoreText(text);
    this.partitions.set(partition, { tallies, shownText: text });
  }

  /** What the broker keeps of a partition; undefined without a file. */
  textOf(partition: number): string | undefined {
    return this.partitions.get(partition)?.tallies.text();
  }

  /** The broker has this text of the partition: from now on it is what /metrics shows. */
  committed(partition: number, shownText: string | undefined): void {
    const owned = this.partitions.get(partition);
    if (owned !== undefined) this.partitions.set(partition, { ...owned, shownText });
  }

  /** Another process owns the partition. */
  leave(partition: number): void {
    this.pastOverflows += this.partitions.get(partition)?.tallies.overflowed ?? 0;
    this.partitions.delete(partition);
    this.shown.delete(partition);
  }

  private talliesOf(partition: number | undefined): EventTallies | undefined {
    if (partition === undefined || this.whole !== undefined || this.plans === undefined) return this.whole;
    const owned = this.partitions.get(partition);
    if (owned === undefined) throw new Error(`this sidecar does not count partition ${partition}`);
    return owned.tallies;
  }

  private overflowed(): number {
    const owned = [...this.partitions.values()].map(({ tallies }) => tallies.overflowed);
    return (this.whole?.overflowed ?? 0) + this.pastOverflows + owned.reduce((sum, each) => sum + each, 0);
  }

  private showMetrics(plans: EventPlans): void {
    for (const name of this.registered.splice(0)) register.removeSingleMetric(name);
    for (const definition of plans.metrics) {
      const metric = new ShownMetric(definition, () => this.seriesOf(definition.name));
      // The type names only prom-client's own classes; the registry uses `name`, `type` and `get`.
      register.registerMetric(metric as unknown as Metric);
      this.registered.push(definition.name);
    }
  }

  private *seriesOf(name: string): Iterable<ShownTally> {
    const now = epochSeconds();
    const whole = this.whole?.find(name);
    if (whole !== undefined) {
      whole.endSilent(now);
      yield { labels: {}, tally: whole };
    }
    for (const partition of [...this.partitions.keys()].sort((a, b) => a - b)) {
      const tally = this.shownOf(partition)?.find(name);
      tally?.endSilent(now);
      if (tally !== undefined) yield { labels: { partition: String(partition) }, tally };
    }
  }

  private shownOf(partition: number): EventTallies | undefined {
    const text = this.partitions.get(partition)?.shownText;
    let shown = this.shown.get(partition);
    if (this.plans !== undefined && (shown === undefined || shown.text !== text)) {
      shown = { text, tallies: new EventTallies(this.plans) };
      if (text !== undefined) shown.tallies.restoreText(text);
      this.shown.set(partition, shown);
    }
    return shown?.tallies;
  }
}
