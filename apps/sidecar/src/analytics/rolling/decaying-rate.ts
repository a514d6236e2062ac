/**
 * An exponentially weighted rate: each amount counts as amount/τ at first, and its weight falls by e every τ seconds. It
 * decays with time and not with events, so that it goes to 0 in silence and does not depend on how often it is read. A
 * steady stream of r a second shows as r after a few τ.
 */
export class DecayingRate {
  private value = 0;
  private atSeconds = Number.NEGATIVE_INFINITY;

  /** @param timeConstantSeconds τ. */
  constructor(private readonly timeConstantSeconds: number) {}

  /** Adds an amount. A time before the last one counts as the last one. */
  add(amount: number, atSeconds: number): void {
    if (atSeconds > this.atSeconds) {
      this.value = this.read(atSeconds);
      this.atSeconds = atSeconds;
    }
    this.value += amount / this.timeConstantSeconds;
  }

  /** The rate now, in amount a second. Changes nothing. */
  read(nowSeconds: number): number {
    if (nowSeconds <= this.atSeconds || this.value === 0) return this.value;
    return this.value * Math.exp((this.atSeconds - nowSeconds) / this.timeConstantSeconds);
  }
}
