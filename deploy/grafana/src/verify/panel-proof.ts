import { buildDashboard, RESTART_EXPRESSION } from '../dashboard-kit.js';
import type { DashboardDefinition, PanelDefinition, Query } from '../panel-definition.js';
import { refIdOf } from '../panel-kit.js';
import type { PrometheusApi, Series } from './prometheus-api.js';
import { expandMacros, syntaxFaults } from './promql-reader.js';
import { drawnSpan, steadyPart, type ProofMoments, type TimeSpan } from './proof-moments.js';
import { checkValues, legendName, type NamedSeries, type Verdict } from './value-check.js';

/** One query of a dashboard, executed: the verdict, and what there is to draw. */
export interface PanelProof {
  readonly dashboard: string;
  readonly panel: PanelDefinition;
  readonly refId: string;
  readonly verdict: Verdict;
  readonly series: readonly NamedSeries[];
  readonly span: TimeSpan;
}

/** Executes every query of every panel as the generated dashboards have it. */
export async function provePanels(
  prometheus: PrometheusApi,
  at: ProofMoments,
  dashboards: readonly DashboardDefinition[],
): Promise<PanelProof[]> {
  const proofs: PanelProof[] = [];
  for (const dashboard of dashboards) {
    const targets = targetsOf(dashboard);
    for (const panel of dashboard.sections.flatMap((section) => section.panels)) {
      for (const [index, query] of panel.queries.entries()) {
        const refId = refIdOf(index);
        const expression = targets.get(`${panel.title}/${refId}`);
        const proof = await proveQuery(prometheus, at, panel, query, expression);
        proofs.push({ dashboard: dashboard.title, panel, refId, span: drawnSpan(at), ...proof });
      }
    }
  }
  return proofs;
}

/** What Grafana would send for the marks of restarts; the stack restarts the publisher once. */
export async function proveRestartMarks(prometheus: PrometheusApi, at: ProofMoments): Promise<Verdict> {
  const found = await prometheus.queryRange(expandMacros(RESTART_EXPRESSION), at.beginning, at.rest);
  const series = found.map((one) => ({ ...one, name: one.labels.job ?? '' }));
  return checkValues(series, { publisher: [1, 1] });
}

/** From the JSON and not from the definitions: the proof is about what Grafana reads. */
function targetsOf(definition: DashboardDefinition): Map<string, string> {
  const { panels } = JSON.parse(JSON.stringify(buildDashboard(definition))) as {
    panels: { title: string; targets?: { refId: string; expr: string }[] }[];
  };
  return new Map(
    panels.flatMap(({ title, targets }) =>
      (targets ?? []).map(({ refId, expr }) => [`${title}/${refId}`, expr] as const),
    ),
  );
}

async function proveQuery(
  prometheus: PrometheusApi,
  at: ProofMoments,
  panel: PanelDefinition,
  query: Query,
  target: string | undefined,
): Promise<{ verdict: Verdict; series: NamedSeries[] }> {
  try {
    const expression = expandMacros(target ?? '');
    const faults = syntaxFaults(expression);
    if (faults.length > 0) throw new Error(`not PromQL from: ${faults.join(' | ')}`);
    const found = await ask(prometheus, at, panel, expression);
    const series = found.map((one) => ({ ...one, name: legendName(query.legend, one.labels) }));
    const judged = panel.kind === 'number' ? series : series.map((one) => steady(one, at));
    return { verdict: checkValues(judged, query.expected), series };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { verdict: { seen: '-', faults: [reason] }, series: [] };
  }
}

function ask(
  prometheus: PrometheusApi,
  at: ProofMoments,
  panel: PanelDefinition,
  expression: string,
): Promise<Series[]> {
  const { from, to } = drawnSpan(at);
  if (panel.kind !== 'number') return prometheus.queryRange(expression, from, to);
  return prometheus.query(expression, panel.provenAt === 'rest' ? at.rest : steadyPart(at).to);
}

function steady(series: NamedSeries, at: ProofMoments): NamedSeries {
  const { from, to } = steadyPart(at);
  return { ...series, points: series.points.filter(([second]) => second >= from && second <= to) };
}
