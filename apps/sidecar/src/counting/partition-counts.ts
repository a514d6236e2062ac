import { checkTrade, TRADE_SIDES, type TradeEvent } from '@app/contracts';
import type { PartitionState } from '@app/jetstream-transport';
import {
  copyOf,
  type LabelledTotals,
  SideTally,
  TradeCounts,
  TradeTally,
  type TradeTotals,
} from './trade-counts.js';
import type { ConfiguredCounts } from './configured-counts.js';

/** Changes with the form of the text that the broker keeps. */
const FORMAT = 1;
/** With counts of SIDECAR_METRICS, which a sidecar of format 1 would lose. */
const CONFIGURED_FORMAT = 2;

/** Counts of a partition at one moment. */
interface PartitionTotals {
  readonly sides: TradeTotals;
  readonly lastTradeSeconds: number;
  /** The counts of SIDECAR_METRICS, as `ConfiguredCounts` writes them. */
  readonly configured?: string | undefined;
}

/** Trades of one batch. */
interface CountedBatch {
  readonly trades: readonly Readonly<TradeEvent>[];
  readonly receivedAtSeconds: number;
}

/** A partition that this process owns: `sides` has what its handler counted, `shown` what is committed of that. */
class PartitionTally extends TradeTally {
  shown: PartitionTotals;
  /** Counted, and not committed. */
  batches: CountedBatch[] = [];
  /** What the broker is asked to commit: the totals, their text, and how many of the batches are in them. */
  snapshot: (PartitionTotals & { readonly text: string; readonly batches: number }) | undefined;

  constructor(totals: PartitionTotals) {
    super();
    this.restore(totals.sides, totals.lastTradeSeconds);
    this.shown = totals;
  }
}

/** Gets the trades from before the start, in the order of one partition. A promise makes the next ones wait, `false` ends them. */
export type RefillListener = (
  partition: number,
  trades: readonly Readonly<TradeEvent>[],
  receivedAtSeconds: number,
) => Promise<boolean> | boolean;

/**
 * Counts by partition, kept by the broker together with the position in the partition. What is shown is what is committed: it
 * never goes back, whoever counts the partition next. A partition that another process owns shows nothing here.
 */
export class PartitionCounts extends TradeCounts implements PartitionState {
  private readonly tallies = new Map<number, PartitionTally>();
  /** @param configured counts the types of SIDECAR_METRICS, whose counts are in the same record */
  constructor(private readonly configured?: ConfiguredCounts) {
    super();
  }

  private refillListener: RefillListener | undefined;
  private refilledListener: ((partition: number) => void) | undefined;

  get lastTradeSeconds(): number {
    return Math.max(0, ...[...this.tallies.values()].map(({ shown }) => shown.lastTradeSeconds));
  }

  tallyOf(partition: number | undefined): TradeTally {
    return this.owned(partition);
  }

  counted(tally: TradeTally, trades: readonly Readonly<TradeEvent>[], receivedAtSeconds: number): void {
    (tally as PartitionTally).batches.push({ trades, receivedAtSeconds });
  }

  totals(): TradeTotals {
    const sum = { buy: new SideTally(), sell: new SideTally() };
    for (const { shown } of this.tallies.values()) {
      for (const side of TRADE_SIDES) sum[side].restore(shown.sides[side]);
    }
    return sum;
  }

  *series(): Iterable<LabelledTotals> {
    for (const partition of [...this.tallies.keys()].sort((a, b) => a - b)) {
      yield { labels: { partition: String(partition) }, totals: this.owned(partition).shown.sides };
    }
  }

  take(partition: number, state: string | undefined): void {
    const before = this.tallies.get(partition);
    // The broker had committed it, and its answer was lost.
    if (before?.snapshot !== undefined && before.snapshot.text === state) this.committed(partition);
    const totals = parse(partition, state);
    this.tallies.set(partition, new PartitionTally(totals));
    this.configured?.take(partition, totals.configured);
  }

  snapshot(partition: number): string {
    const tally = this.owned(partition);
    const sides = copyOf(tally.sides);
    const { lastTradeSeconds } = tally;
    // Kept also where the file is gone for now: nothing of it is counted meanwhile.
    const configured = this.configured?.textOf(partition) ?? tally.shown.configured;
    const format = configured === undefined ? FORMAT : CONFIGURED_FORMAT;
    const text = JSON.stringify({ format, sides, lastTradeSeconds, configured });
    tally.snapshot = { sides, lastTradeSeconds, configured, text, batches: tally.batches.length };
    return text;
  }

  committed(partition: number): void {
    const tally = this.owned(partition);
    const { snapshot } = tally;
    if (snapshot === undefined) return;
    tally.snapshot = undefined;
    tally.shown = snapshot;
    this.configured?.committed(partition, snapshot.configured);
    for (const { trades, receivedAtSeconds } of tally.batches.splice(0, snapshot.batches)) {
      this.show(trades, receivedAtSeconds);
    }
  }

  leave(partition: number): void {
    this.tallies.delete(partition);
    this.configured?.leave(partition);
  }

  /** Only what kept the contract was applied. */
  refill(
    partition: number,
    events: readonly unknown[],
    receivedAtSeconds: number,
  ): Promise<boolean> | boolean {
    const trades = events.filter((event) => checkTrade(event) === undefined) as TradeEvent[];
    if (trades.length === 0) return true;
    return this.refillListener?.(partition, trades, receivedAtSeconds) ?? false;
  }

  refilled(partition: number): void {
    this.refilledListener?.(partition);
  }

  /** Gives `onTrades` what was applied in the last minutes before the start, and tells `onEnd` when that is all. */
  onRefill(onTrades: RefillListener, onEnd: (partition: number) => void): void {
    this.refillListener = onTrades;
    this.refilledListener = onEnd;
  }

  private owned(partition: number | undefined): PartitionTally {
    const tally = partition === undefined ? undefined : this.tallies.get(partition);
    if (tally === undefined) throw new Error(`this sidecar does not count partition ${String(partition)}`);
    return tally;
  }
}

/** @throws Error when another version wrote the text: starting at 0 would lose counts in silence */
function parse(partition: number, text: string | undefined): PartitionTotals {
  if (text === undefined) {
    return {
      sides: { buy: { trades: 0, volume: 0 }, sell: { trades: 0, volume: 0 } },
      lastTradeSeconds: 0,
    };
  }
  const totals = JSON.parse(text) as PartitionTotals & { format: unknown };
  const { format, sides, lastTradeSeconds, configured } = totals;
  if (format !== FORMAT && format !== CONFIGURED_FORMAT) {
    throw new Error(
      `the counts of partition ${partition} have the format ${String(format)}; this sidecar reads ${FORMAT} and ${CONFIGURED_FORMAT}`,
    );
  }
  return { sides, lastTradeSeconds, configured };
}
