import type { ValueMapping } from '@grafana/grafana-foundation-sdk/dashboard';
import type { DeliveryMode } from '../../../libs/contracts/src/index.js';

/** Lowest and highest value that is right while the known load (known-load.ts) runs; both ends belong to it. */
export type ValueRange = readonly [lowest: number, highest: number];

/** One curve or number: its PromQL, its name in the legend, and what the proof must find. */
export interface Query {
  expr: string;
  /** `{{label}}` is a label's value. */
  legend: string;
  /** For every series; or for each series by its name in the legend, and then no other series may be there. */
  expected: ValueRange | Readonly<Record<string, ValueRange>>;
}

/** What a panel shows and says of itself, apart from Grafana's way to write it down. */
export interface PanelDefinition {
  /** `number`: the latest value. `graph`: curves over time. `heatmap`: buckets over time. */
  kind: 'number' | 'graph' | 'heatmap';
  title: string;
  /** What is shown and how to read it; the panel's (i). */
  description: string;
  /** A Grafana unit id: `s`, `bytes`, `percentunit`, `locale` for plain counts (12,345); or `suffix:` and what follows the number. */
  unit: string;
  /** Columns of 24. */
  width: number;
  queries: readonly Query[];
  /** Shown when a query answers nothing. */
  noValue?: string;
  mappings?: ValueMapping[];
  /** Lowest value of the axis; 0 unless values may be negative. */
  axisMin?: number | 'auto';
  /** What the axis shows at least, for values around zero that would otherwise be blown up to fill the panel. */
  axisShowsAtLeast?: ValueRange;
  /** When the proof looks: during the load (the default), or after it, when nothing is under way any more. */
  provenAt?: 'load' | 'rest';
}

/** What the apps run with while a dashboard is proven: a way to deliver over ZeroMQ, or a broker between them. */
export type ProofLink = DeliveryMode | 'broker';

/** A dashboard: its panels in titled sections. */
export interface DashboardDefinition {
  /** Stable: links and bookmarks hold it. */
  uid: string;
  title: string;
  description: string;
  provenWith: ProofLink;
  sections: readonly { title: string; panels: readonly PanelDefinition[] }[];
}
