import {
  BigValueColorMode,
  BigValueGraphMode,
  BigValueTextMode,
  HeatmapCellLayout,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  TooltipDisplayMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import {
  HeatmapColorMode,
  HeatmapColorOptionsBuilder,
  PanelBuilder as HeatmapBuilder,
  RowsHeatmapOptionsBuilder,
  YAxisConfigBuilder,
} from '@grafana/grafana-foundation-sdk/heatmap';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TimeseriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import type { PanelDefinition } from './panel-definition.js';

/** The data source as provisioned, which the dashboards begin with. */
export const PROVISIONED_SOURCE = { type: 'prometheus', uid: 'trading-prometheus' } as const;
/** What the panels ask: the data source that is chosen at the dashboard's top, so that it works in every Grafana it is copied to. */
export const DATA_SOURCE = { type: 'prometheus', uid: '${datasource}' } as const;

/** A panel of any kind, before it has its place and id. */
export type AnyPanelBuilder = StatBuilder | TimeseriesBuilder | HeatmapBuilder;

const STAT_HEIGHT = 4;
const GRAPH_HEIGHT = 8;

/** Grafana's form of a panel. */
export function buildPanel(definition: PanelDefinition): AnyPanelBuilder {
  if (definition.kind === 'number') return describe(numberPanel(), definition, (query) => query.instant());
  if (definition.kind === 'graph')
    return describe(graphPanel(definition), definition, (query) => query.range());
  return describe(heatmapPanel(definition.unit), definition, (query) =>
    query.range().format(PromQueryFormat.Heatmap),
  );
}

function numberPanel(): StatBuilder {
  return (
    new StatBuilder()
      .height(STAT_HEIGHT)
      // Grafana's own default is the mean of the range.
      .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false))
      .graphMode(BigValueGraphMode.None)
      .colorMode(BigValueColorMode.None)
      .textMode(BigValueTextMode.ValueAndName)
  );
}

function graphPanel({ axisMin = 0, axisShowsAtLeast }: PanelDefinition): TimeseriesBuilder {
  const panel = new TimeseriesBuilder()
    .height(GRAPH_HEIGHT)
    .fillOpacity(10)
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi))
    .legend(
      new VizLegendOptionsBuilder()
        // The SDK leaves it out, and Grafana then hides the legend.
        .showLegend(true)
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom),
    );
  if (axisShowsAtLeast) panel.axisSoftMin(axisShowsAtLeast[0]).axisSoftMax(axisShowsAtLeast[1]);
  return axisMin === 'auto' ? panel : panel.min(axisMin);
}

function heatmapPanel(unit: string): HeatmapBuilder {
  return (
    new HeatmapBuilder()
      .height(GRAPH_HEIGHT)
      // Prometheus has counted into buckets already; `le` is the upper edge of each.
      .calculate(false)
      .rowsFrame(new RowsHeatmapOptionsBuilder().layout(HeatmapCellLayout.Le))
      .yAxis(new YAxisConfigBuilder().unit(unit))
      .color(new HeatmapColorOptionsBuilder().mode(HeatmapColorMode.Scheme).scheme('Oranges').steps(64))
      .showLegend()
  );
}

function describe<P extends AnyPanelBuilder>(
  panel: P,
  definition: PanelDefinition,
  kind: (query: DataqueryBuilder) => DataqueryBuilder,
): P {
  panel
    .title(definition.title)
    .description(definition.description)
    .datasource(DATA_SOURCE)
    .unit(definition.unit)
    .span(definition.width)
    .noValue(definition.noValue ?? 'no data')
    .mappings(definition.mappings ?? []);
  for (const [index, { expr, legend }] of definition.queries.entries()) {
    panel.withTarget(kind(new DataqueryBuilder().refId(refIdOf(index)).expr(expr).legendFormat(legend)));
  }
  return panel;
}

/** The letter by which Grafana names a panel's query: 0 is `A`. */
export function refIdOf(index: number): string {
  return String.fromCodePoint('A'.charCodeAt(0) + index);
}
