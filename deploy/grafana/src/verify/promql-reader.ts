import { parser } from '@prometheus-io/lezer-promql';

/** How far rates look back. */
export const RATE_WINDOW_SECONDS = 4;

/** What a 5 minute range on a screen makes of Grafana's macros, with the provisioned scrape interval of 1 s. */
const MACROS = { $__rate_interval: `${RATE_WINDOW_SECONDS}s`, $__interval: '1s', $__range: '5m' } as const;

/**
 * The expression as Grafana would send it.
 * @throws Error naming a macro or variable that nobody expands
 */
export function expandMacros(expression: string): string {
  const expanded = expression.replaceAll(
    /\$__\w+/g,
    (macro) => MACROS[macro as keyof typeof MACROS] ?? macro,
  );
  const left = /\$\{?\w+/.exec(expanded);
  if (left) throw new Error(`nothing expands ${left[0]} in: ${expression}`);
  return expanded;
}

/** Where a PromQL text cannot be read: the text from each fault on; empty when it can be. */
export function syntaxFaults(expression: string): string[] {
  const faults: string[] = [];
  parser.parse(expression).iterate({
    enter: (node) => {
      if (node.type.isError) faults.push(expression.slice(node.from) || 'ends too early');
    },
  });
  return faults;
}

/** The vector selectors of an expression with their labels: `up{job="sidecar"}`; each once. */
export function selectorsOf(expression: string): string[] {
  const selectors = new Set<string>();
  parser.parse(expression).iterate({
    enter: (node) => {
      if (node.name === 'VectorSelector') selectors.add(expression.slice(node.from, node.to));
    },
  });
  return [...selectors];
}

/** The names of the metrics that an expression asks for; each once. */
export function metricsOf(expression: string): string[] {
  const names = selectorsOf(expression).map((selector) => selector.split(/[{\s]/, 1).join(''));
  return [...new Set(names)];
}
