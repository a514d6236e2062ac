import {
  LegendDisplayMode,
  LegendPlacement,
  TooltipDisplayMode,
  VizLegendOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import { ReduceDataOptionsBuilder, VizTooltipOptionsBuilder } from '@grafana/grafana-foundation-sdk/common';
import {
  BigValueColorMode,
  BigValueGraphMode,
  BigValueTextMode,
} from '@grafana/grafana-foundation-sdk/common';
import type { ValueMapping } from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TimeseriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';

/** The data source as provisioned: its uid is fixed, so that a dashboard works in every Grafana it is copied to. */
export const DATA_SOURCE = { type: 'prometheus', uid: 'trading-prometheus' } as const;

/** One curve or number: its PromQL and its name in the legend, where `{{label}}` is a label's value. */
export interface Query {
  expr: string;
  legend: string;
}

/** What every panel says of itself. */
export interface PanelOptions {
  title: string;
  /** What is shown and how to read it; the panel's (i). */
  description: string;
  /** A Grafana unit id, such as `s` or `short`. */
  unit: string;
  /** Columns of 24. */
  width: number;
  queries: readonly Query[];
  /** Shown when a query answers nothing. */
  noValue?: string;
  mappings?: ValueMapping[];
}

/** A panel of either kind, before it has its place and id. */
export type AnyPanelBuilder = StatBuilder | TimeseriesBuilder;

const STAT_HEIGHT = 4;
const GRAPH_HEIGHT = 8;

/**
 * `rate`, summed afterwards: the other order would read a restart as a burst.
 * @param by the labels to keep, none = one total
 */
export function sumOfRates(counter: string, by: readonly string[] = [], selector = ''): string {
  const grouping = by.length === 0 ? '' : ` by (${by.join(', ')})`;
  return `sum${grouping} (rate(${counter}${selector}[$__rate_interval]))`;
}

/** A quantile over all instances: buckets add up, quantiles do not. */
export function quantileOf(quantile: number, histogram: string): string {
  return `histogram_quantile(${quantile}, ${sumOfRates(`${histogram}_bucket`, ['le'])})`;
}

/** The latest value of each query as a number. */
export function numberPanel(options: PanelOptions): StatBuilder {
  const panel = new StatBuilder()
    .height(STAT_HEIGHT)
    // Grafana's own default is the mean of the range.
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false))
    .graphMode(BigValueGraphMode.None)
    .colorMode(BigValueColorMode.None)
    .textMode(BigValueTextMode.ValueAndName);
  return describe(panel, options, (query) => query.instant());
}

/** Each query as a curve over the dashboard's time range. */
export function graphPanel(options: PanelOptions): TimeseriesBuilder {
  const panel = new TimeseriesBuilder()
    .height(GRAPH_HEIGHT)
    .min(0)
    .fillOpacity(10)
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi))
    .legend(
      new VizLegendOptionsBuilder()
        // The SDK leaves it out, and Grafana then hides the legend.
        .showLegend(true)
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom),
    );
  return describe(panel, options, (query) => query.range());
}

function describe<P extends AnyPanelBuilder>(
  panel: P,
  options: PanelOptions,
  kind: (query: DataqueryBuilder) => DataqueryBuilder,
): P {
  panel
    .title(options.title)
    .description(options.description)
    .datasource(DATA_SOURCE)
    .unit(options.unit)
    .span(options.width)
    .noValue(options.noValue ?? 'no data')
    .mappings(options.mappings ?? []);
  for (const [index, { expr, legend }] of options.queries.entries()) {
    const refId = String.fromCodePoint('A'.charCodeAt(0) + index);
    panel.withTarget(kind(new DataqueryBuilder().refId(refId).expr(expr).legendFormat(legend)));
  }
  return panel;
}
