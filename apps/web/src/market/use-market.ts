import { keepPreviousData, useQuery, type UseQueryOptions } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { useDeskChoice, type BarsBy, type RankBy } from '../choice/desk-choice.js';
import { barVolume, toColumns, type BarColumns } from './bar-columns.js';
import { fetchBars, fetchSymbols, type BarsAnswer, type SymbolsAnswer } from './market-client.js';

const LEAST_MS = 1000;
/** However long an answer took: a chart must not stand still because one answer was slow. */
const MOST_MS = 5000;
/** The sidecar visits every trade of the time span: the page may cost it a tenth of its time at most. */
const SHARE_OF_TIME = 10;
const BARS = 60;

/** An answer, and how long it took. */
interface Timed<T> {
  readonly answer: T;
  readonly tookMs: number;
}

/** Asks about once a second, and more rarely where an answer takes long. */
function timed<T>(queryKey: readonly unknown[], ask: () => Promise<T>): UseQueryOptions<Timed<T>> {
  return {
    queryKey,
    queryFn: async () => {
      const begunMs = performance.now();
      const answer = await ask();
      return { answer, tookMs: performance.now() - begunMs };
    },
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) =>
      Math.min(MOST_MS, Math.max(LEAST_MS, (state.data?.tookMs ?? 0) * SHARE_OF_TIME)),
  };
}

/** The bars of one symbol, or of all trades. */
export interface MarketBars {
  readonly columns: BarColumns;
  readonly by: BarsBy;
  /** Seconds, or volume; undefined without a trade. */
  readonly size: number | undefined;
  /** False when the sidecar no longer has all trades of that time. */
  readonly complete: boolean;
}

/** The sidecar's clock, which bars go by; this one may be ahead of it, or behind. */
function nowBy({ at, bars }: BarsAnswer): number {
  return at ?? Math.max(Date.now() / 1000, bars.at(-1)?.end ?? 0);
}

/** Bars of time start at multiples of their size. */
export async function askTimeBars(symbol: string | undefined, seconds: number): Promise<MarketBars> {
  const size = seconds / BARS;
  const answer = await fetchBars({ by: 'time', size, lastSeconds: seconds + size, symbol });
  const { bars, complete } = answer;
  // Trades may have come in while it was made.
  const newest = Math.max(nowBy(answer), bars.at(-1)?.start ?? 0);
  const to = (Math.floor(newest / size) + 1) * size;
  return {
    columns: toColumns(bars, { by: 'time', size, from: to - seconds, to }),
    by: 'time',
    size,
    complete,
  };
}

/** Bars of volume begin at a time that stays for a while: otherwise every answer would cut them anew. */
export async function askVolumeBars(
  symbol: string | undefined,
  seconds: number,
  before: number | undefined,
): Promise<MarketBars> {
  const whole = await fetchBars({ by: 'time', size: seconds, lastSeconds: seconds, symbol });
  const now = nowBy(whole);
  const lastSeconds = (now % seconds) + seconds;
  const total = whole.bars.reduce((sum, { volume }) => sum + volume, 0);
  const size = barVolume(total, before);
  const { bars, complete } =
    size === undefined ? whole : await fetchBars({ by: 'volume', size, lastSeconds, symbol });
  const range = { by: 'volume', size: size ?? 1, from: now - seconds, to: now } as const;
  return { columns: toColumns(size === undefined ? [] : bars, range), by: 'volume', size, complete };
}

/** The bars of a symbol over the chosen span; of all trades without one. */
export function useBars(symbol: string | undefined): {
  bars: MarketBars | undefined;
  fault: string | undefined;
} {
  const seconds = Number(useDeskChoice(({ span }) => span));
  const by = useDeskChoice(({ barsBy }) => barsBy);
  const size = useRef<number>(undefined);
  const { data, error } = useQuery(
    timed(['bars', by, seconds, symbol], async () => {
      if (by === 'time') return askTimeBars(symbol, seconds);
      const bars = await askVolumeBars(symbol, seconds, size.current);
      size.current = bars.size;
      return bars;
    }),
  );
  return { bars: data?.answer, fault: error?.message };
}

/** The symbols by rank over the chosen span. Where no trade has a price, trades are counted in place of their notional. */
async function askSymbols(by: RankBy, seconds: number): Promise<SymbolsAnswer> {
  const answer = await fetchSymbols(by, seconds);
  const isUnpriced = by === 'notional' && answer.symbols.every(({ notional }) => notional === null);
  return isUnpriced && answer.count > 0 ? fetchSymbols('trades', seconds) : answer;
}

/** The symbols by rank over the chosen span. */
export function useSymbols(): { symbols: SymbolsAnswer | undefined; fault: string | undefined } {
  const seconds = Number(useDeskChoice(({ span }) => span));
  const by = useDeskChoice(({ rankBy }) => rankBy);
  const { data, error } = useQuery(timed(['symbols', by, seconds], () => askSymbols(by, seconds)));
  return { symbols: data?.answer, fault: error?.message };
}

/** What the chart is about. */
export interface Subject {
  /** Undefined: all trades. */
  readonly symbol: string | undefined;
  /** True when the user chose it, and the tape shows it alone. */
  readonly isChosen: boolean;
}

/** The chosen symbol; without one, the first in rank when the page was opened, for as long as it trades. */
export function useSubject(): Subject {
  const chosen = useDeskChoice(({ symbol }) => symbol);
  const { symbols } = useSymbols();
  const [leader, setLeader] = useState<string>();
  const isTrading = symbols?.symbols.some(({ symbol }) => symbol === leader) ?? true;
  const first = symbols?.symbols[0]?.symbol;
  useEffect(() => {
    if (leader === undefined || !isTrading) setLeader(first);
  }, [leader, isTrading, first]);
  return { symbol: chosen ?? leader, isChosen: chosen !== undefined };
}
