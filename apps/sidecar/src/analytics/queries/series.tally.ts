/** Adds values up by steps of time for one answer; steps start at multiples of their width. */
export class SeriesTally {
  private readonly firstStep: number;
  private readonly sums: Float64Array;

  /** Covers the steps that start within the last `lastSeconds`; the newest is the one under way. */
  constructor(
    nowSeconds: number,
    lastSeconds: number,
    private readonly stepSeconds: number,
  ) {
    this.firstStep = Math.ceil((nowSeconds - lastSeconds) / stepSeconds);
    const lastStep = Math.max(this.firstStep, Math.floor(nowSeconds / stepSeconds));
    this.sums = new Float64Array(lastStep - this.firstStep + 1);
  }

  /** Adds a value; one of a step that is only partly within the time, or not over at the call, is left out. */
  add(atSeconds: number, value: number): void {
    const step = Math.floor(atSeconds / this.stepSeconds) - this.firstStep;
    if (step >= 0 && step < this.sums.length) this.sums[step] = (this.sums[step] ?? 0) + value;
  }

  /** Each [start in unix epoch seconds, sum], oldest first. */
  points(): [number, number][] {
    return Array.from(this.sums, (sum, step) => [
      Number(((this.firstStep + step) * this.stepSeconds).toFixed(6)),
      sum,
    ]);
  }
}
