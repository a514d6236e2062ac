import type { Tone } from '../ui/badge.js';

/** One figure of a hop. */
export interface HopFigure {
  readonly name: string;
  readonly value: string;
  /** True for a part of the figure before it. */
  readonly isPart?: boolean;
}

/** One stop of an event's way, as the diagram shows it. */
export interface Hop {
  readonly name: string;
  readonly about: string;
  readonly state: { readonly word: string; readonly tone: Tone };
  readonly figures: readonly HopFigure[];
  /** Which app counts, and since when. */
  readonly source?: string;
  /** What went wrong last. */
  readonly fault?: string;
  readonly links: readonly { readonly label: string; readonly href: string }[];
}
