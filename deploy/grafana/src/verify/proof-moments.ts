/** When the proof looks, all in unix epoch seconds. */
export interface ProofMoments {
  /** Before the first app was started. */
  readonly beginning: number;
  readonly loadStart: number;
  readonly loadEnd: number;
  /** After the load: nothing is under way, and what looks back as far as a rate sees only that. */
  readonly rest: number;
}

/** From one moment to another, in unix epoch seconds. */
export interface TimeSpan {
  readonly from: number;
  readonly to: number;
}

/** What is drawn: the load, with a little before and after it. */
export function drawnSpan({ loadStart, rest }: ProofMoments): TimeSpan {
  return { from: loadStart - 3, to: rest };
}

/** The part of the load in which everything is in full swing: rates look back 4 s, rules run every 5 s. */
export function steadyPart({ loadStart, loadEnd }: ProofMoments): TimeSpan {
  return { from: loadStart + (loadEnd - loadStart) / 2, to: loadEnd - 1 };
}
