import type { MetricsWatch } from '../metrics/metrics-watch.js';
import type { Hop } from './hop.js';

/** A box of the picture. */
export interface FlowStop {
  readonly name: string;
  readonly state: Hop['state'];
  /** The one figure that stands in the box. */
  readonly figure: string;
}

/** An arrow from one box to the next. */
export interface FlowArrow {
  /** Events a second; undefined where nobody counts them. */
  readonly rate: number | undefined;
  readonly word: string;
  /** False where nothing can flow: there is no next box. */
  readonly isWired: boolean;
}

/** What leaves the way below a box. */
export interface FlowBranch {
  /** The box's place, from 0. */
  readonly at: number;
  readonly word: string;
  readonly total: number | undefined;
  readonly rate: number | undefined;
}

/** The way of an event as one picture. */
export interface Flow {
  readonly stops: readonly FlowStop[];
  /** One fewer than boxes. */
  readonly arrows: readonly FlowArrow[];
  readonly branches: readonly FlowBranch[];
}

type App = 'publisher' | 'sidecar';

/** Each arrow by its word, the app that counts it, and the counter. */
const COUNTED: readonly (readonly [word: string, app: App, metric: string])[] = [
  ['accepted', 'publisher', 'trading_publisher_accepted_total'],
  ['accepted', 'publisher', 'trading_publisher_accepted_total'],
  ['sent', 'publisher', 'trading_transport_sent_total'],
  ['received', 'sidecar', 'trading_transport_received_total'],
  ['applied', 'sidecar', 'trades_total'],
];
const BRANCHES: readonly (readonly [at: number, word: string, app: App, metric: string])[] = [
  [1, 'refused', 'publisher', 'trading_publisher_refused_total'],
  [2, 'dropped', 'publisher', 'trading_transport_drops_total'],
  [4, 'rejected', 'sidecar', 'trading_events_rejected_total'],
];
/** The figure that stands in each box; of its name only the last word, for which there is room. */
const MAIN_FIGURES: readonly (readonly string[])[] = [
  ['trades emitted'],
  ['accepted'],
  ['waiting', 'unacknowledged'],
  ['sent', 'stored'],
  ['received'],
  ['trades'],
  ['targets up'],
  [],
];

function mainFigure(hop: Hop, place: number): string {
  const figure = hop.figures.find(({ name }) => MAIN_FIGURES[place]?.includes(name));
  return figure === undefined ? '' : `${figure.value} ${figure.name.split(' ').at(-1)}`;
}

/** The first arrow carries what was posted: accepted or refused. */
function postedRate(metrics: MetricsWatch): number | undefined {
  if (!metrics.publisher.up) return undefined;
  const accepted = metrics.rate('publisher', 'trading_publisher_accepted_total');
  const refused = metrics.rate('publisher', 'trading_publisher_refused_total');
  return accepted === undefined ? undefined : accepted + (refused ?? 0);
}

/** Draws the hops as boxes, with what flows between them and what leaves the way. */
export function buildFlow(hops: readonly Hop[], metrics: MetricsWatch): Flow {
  const rateOf = (app: App, metric: string): number | undefined =>
    metrics[app].up ? metrics.rate(app, metric) : undefined;
  const arrows = hops.slice(1).map((next, index): FlowArrow => {
    const counted = COUNTED[index];
    const isWired = next.state.word !== 'not configured';
    if (counted === undefined) return { word: '', rate: undefined, isWired };
    const [word, app, metric] = counted;
    if (index === 0) return { word: 'posted', rate: postedRate(metrics), isWired };
    return { word, rate: rateOf(app, metric), isWired };
  });
  return {
    stops: hops.map((hop, place) => ({ name: hop.name, state: hop.state, figure: mainFigure(hop, place) })),
    arrows,
    branches: BRANCHES.map(([at, word, app, metric]) => ({
      at,
      word,
      total: metrics[app].now?.exposition.sum(metric),
      rate: rateOf(app, metric),
    })),
  };
}
