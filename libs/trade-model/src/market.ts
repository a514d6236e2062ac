import { quantities } from './quantity-law.js';
import type { RandomSource } from './random-source.js';

/** A trade that the model made up. */
export interface MadeTrade {
  /** When, in seconds from the start of the market. */
  readonly seconds: number;
  readonly side: 'buy' | 'sell';
  readonly qty: number;
  readonly symbol: string;
  readonly price: number;
}

/** What is traded, and how often: the shares are relative to one another. The names cannot be taken for a real market's. */
const INSTRUMENTS = [
  { symbol: 'DEMO-BTC', price: 61_000, decimals: 1, share: 5 },
  { symbol: 'DEMO-ETH', price: 1900, decimals: 2, share: 4 },
  { symbol: 'DEMO-SOL', price: 145, decimals: 3, share: 3 },
  { symbol: 'DEMO-XRP', price: 0.52, decimals: 5, share: 2 },
  { symbol: 'DEMO-ADA', price: 0.38, decimals: 5, share: 1 },
] as const;

/** Price times quantity of a trade, on average. */
const MEAN_NOTIONAL = 2500;
/** Deviation of the logarithm of quantities: many small ones, and a few that are large. */
const QTY_SHAPE = 1.1;
const QTY_DIGITS = 3;
/** The lean is the log-odds of a buy: at 1.2, 77 of 100 trades are buys. It turns about once in this time. */
const LEAN = { deviation: 1.2, relaxationSeconds: 20 } as const;
/** The logarithm of a price around that of its start: prices stay near it, however long the walk. */
const PRICE = { deviation: 0.02, relaxationSeconds: 900 } as const;
/** How far a price moves in a second in which all of the flow leans one way: a share of the price. */
const IMPACT_PER_SECOND = 2e-5;

interface Reverting {
  readonly deviation: number;
  readonly relaxationSeconds: number;
}

/**
 * One step of an Ornstein–Uhlenbeck process around 0, exact for any length of the step.
 * Source: Gillespie, "Exact numerical simulation of the Ornstein–Uhlenbeck process and its integral", Physical Review E 54 (1996).
 */
function reverted(value: number, seconds: number, law: Reverting, random: RandomSource): number {
  const kept = Math.exp(-seconds / law.relaxationSeconds);
  return value * kept + law.deviation * Math.sqrt(1 - kept ** 2) * random.normal();
}

/** One symbol: its price walks, and its flow leans now to buys, now to sells. */
class Instrument {
  private readonly sizes: Generator<number, never>;
  private lean: number;
  private logPrice = 0;
  private seconds = 0;

  constructor(
    private readonly about: (typeof INSTRUMENTS)[number],
    private readonly random: RandomSource,
  ) {
    this.lean = LEAN.deviation * random.normal();
    this.sizes = quantities(
      { kind: 'lognormal', mean: MEAN_NOTIONAL / about.price, shape: QTY_SHAPE },
      random,
    );
  }

  trade(atSeconds: number): MadeTrade {
    const { random, about } = this;
    const seconds = atSeconds - this.seconds;
    this.seconds = atSeconds;
    this.lean = reverted(this.lean, seconds, LEAN, random);
    const buyShare = 1 / (1 + Math.exp(-this.lean));
    const pushed = this.logPrice + (2 * buyShare - 1) * IMPACT_PER_SECOND * seconds;
    this.logPrice = reverted(pushed, seconds, PRICE, random);
    return {
      seconds: atSeconds,
      side: random.uniform() < buyShare ? 'buy' : 'sell',
      qty: Number(this.sizes.next().value.toPrecision(QTY_DIGITS)),
      symbol: about.symbol,
      price: Number((about.price * Math.exp(this.logPrice)).toFixed(about.decimals)),
    };
  }
}

/** A few symbols that are traded at random. When, an arrival process says. */
export class Market {
  /** Each instrument as often as its share says: one drawn evenly is the next to trade. */
  private readonly urn: readonly Instrument[];

  constructor(private readonly random: RandomSource) {
    this.urn = INSTRUMENTS.flatMap((about) => {
      const instrument = new Instrument(about, random);
      return Array.from({ length: about.share }, () => instrument);
    });
  }

  /** The trades at these times, in seconds from the start of the market. `times` must not go back. */
  *trades(times: Iterable<number>): Generator<MadeTrade> {
    for (const seconds of times) {
      const instrument = this.urn[Math.floor(this.random.uniform() * this.urn.length)];
      if (instrument !== undefined) yield instrument.trade(seconds);
    }
  }
}
