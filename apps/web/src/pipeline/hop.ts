import type { Tone } from '../ui/badge.js';

/** One figure of a hop. */
export interface HopFigure {
  readonly name: string;
  readonly value: string;
}

/** One stop of an event's way, as the diagram shows it. */
export interface Hop {
  readonly name: string;
  readonly about: string;
  readonly state: { readonly word: string; readonly tone: Tone };
  readonly figures: readonly HopFigure[];
  /** What went wrong last. */
  readonly fault?: string;
  readonly links: readonly { readonly label: string; readonly href: string }[];
}
