import { TRADE_SIDES, type TradeEvent, type TradeSide } from '@app/contracts';

/** Running totals of one side. */
export interface SideTotals {
  readonly trades: number;
  readonly volume: number;
}

/** Totals by side. */
export type TradeTotals = Readonly<Record<TradeSide, SideTotals>>;

/** Gets trades that were applied together, in order; they have one time of receipt. */
export type AppliedListener = (trades: readonly Readonly<TradeEvent>[], receivedAtSeconds: number) => void;

/** The running totals of one side. */
export class SideTally implements SideTotals {
  trades = 0;
  /** Always finite. */
  volume = 0;

  /** Adds the totals of an earlier process. */
  restore({ trades, volume }: SideTotals): void {
    this.trades += trades;
    this.volume += volume;
  }

  /** Adds one trade; returns false, and changes nothing, when the volume would become infinite. */
  add(qty: number): boolean {
    const volume = this.volume + qty;
    if (!Number.isFinite(volume)) return false;
    this.trades += 1;
    this.volume = volume;
    return true;
  }
}

/** Where the trades of a batch are counted. */
export class TradeTally {
  readonly sides: Readonly<Record<TradeSide, SideTally>> = { buy: new SideTally(), sell: new SideTally() };
  /** The `ts` of the trade applied last; 0 before the first. */
  lastTradeSeconds = 0;

  /** A copy. */
  totals(): TradeTotals {
    return copyOf(this.sides);
  }

  /** Continues the counts of an earlier process. */
  restore(sides: TradeTotals, lastTradeSeconds: number): void {
    for (const side of TRADE_SIDES) this.sides[side].restore(sides[side]);
    this.lastTradeSeconds = lastTradeSeconds;
  }
}

export function copyOf({ buy, sell }: TradeTotals): TradeTotals {
  return {
    buy: { trades: buy.trades, volume: buy.volume },
    sell: { trades: sell.trades, volume: sell.volume },
  };
}

/** The totals that have these labels in /metrics. */
export interface LabelledTotals {
  readonly labels: { readonly partition?: string };
  readonly totals: TradeTotals;
}

/** What is counted, and when it is shown: at once over ZeroMQ, after the commit behind a broker. */
export abstract class TradeCounts {
  private listener: AppliedListener = () => undefined;
  private appliedTrades = 0;

  /** Trades whose counts are shown and that came in since the start of this process. */
  get applied(): number {
    return this.appliedTrades;
  }

  /** Tells the one listener of trades once their counts are shown. */
  onShown(listener: AppliedListener): void {
    this.listener = listener;
  }

  /** Where to count the next trades. Called once a batch. @throws Error when this process does not count the partition */
  abstract tallyOf(partition: number | undefined): TradeTally;
  /** These trades were counted in the tally. */
  abstract counted(
    tally: TradeTally,
    trades: readonly Readonly<TradeEvent>[],
    receivedAtSeconds: number,
  ): void;
  /** What is shown, all together. */
  abstract totals(): TradeTotals;
  /** The same as series of /metrics. */
  abstract series(): Iterable<LabelledTotals>;
  abstract get lastTradeSeconds(): number;

  protected show(trades: readonly Readonly<TradeEvent>[], receivedAtSeconds: number): void {
    this.appliedTrades += trades.length;
    this.listener(trades, receivedAtSeconds);
  }
}

/** One count of everything, shown at once: nothing can take it back. */
export class WholeCounts extends TradeCounts {
  private readonly tally = new TradeTally();

  get lastTradeSeconds(): number {
    return this.tally.lastTradeSeconds;
  }

  tallyOf(): TradeTally {
    return this.tally;
  }

  counted(_tally: TradeTally, trades: readonly Readonly<TradeEvent>[], receivedAtSeconds: number): void {
    this.show(trades, receivedAtSeconds);
  }

  /** Live: copy what you keep. */
  totals(): TradeTotals {
    return this.tally.sides;
  }

  series(): Iterable<LabelledTotals> {
    return [{ labels: {}, totals: this.tally.sides }];
  }
}
