import { create } from 'zustand';

/** How far back charts and ranks look, in seconds. */
export type Span = '60' | '300' | '900';

/** What closes a bar of the chart. */
export type BarsBy = 'time' | 'volume';

/** What symbols are ranked by. */
export type RankBy = 'notional' | 'volume' | 'trades';

/** What the user chose to look at; it holds while the page is open. */
interface DeskChoice {
  /** Chart and tape show this symbol alone; undefined shows all. */
  readonly symbol: string | undefined;
  readonly span: Span;
  readonly barsBy: BarsBy;
  readonly rankBy: RankBy;
}

/** The choices, with a part of them read by `select`. */
export const useDeskChoice = create<DeskChoice>(() => ({
  symbol: undefined,
  span: '60',
  barsBy: 'time',
  rankBy: 'notional',
}));

/** Changes some of the choices. */
export function choose(choice: Partial<DeskChoice>): void {
  useDeskChoice.setState(choice);
}

/** Chooses a symbol, or none when it is chosen already. */
export function toggleSymbol(symbol: string): void {
  useDeskChoice.setState((before) => ({ symbol: before.symbol === symbol ? undefined : symbol }));
}
