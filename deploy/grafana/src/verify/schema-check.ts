import { join } from 'node:path';
import ts from 'typescript';

interface PanelShape {
  type: string;
  title: string;
  options?: unknown;
  fieldConfig?: { defaults?: { custom?: unknown } };
}

/** Grafana's own types of a panel kind's options; a kind without an entry cannot be checked, and fails. */
const OPTION_TYPES: Readonly<Record<string, { file: string; custom: boolean }>> = {
  stat: { file: 'stat/panelcfg/x/StatPanelCfg_types.gen', custom: false },
  timeseries: { file: 'timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen', custom: true },
  heatmap: { file: 'heatmap/panelcfg/x/HeatmapPanelCfg_types.gen', custom: true },
};

// An enum's member is written as its value in JSON, which TypeScript does not take for the member. What the
// Prometheus data source adds to a query and to an annotation is in its plugin and not in the schema: it is named here.
const PLAIN = `
type Plain<T> = T extends string ? \`\${T}\` : T extends number ? (\`\${T}\` extends \`\${infer N extends number}\` ? N : T)
  : T extends readonly (infer E)[] ? Plain<E>[] : T extends object ? { [K in keyof T]: Plain<T[K]> } : T;
type PromQuery = DataQuery & { expr: string; range?: boolean; instant?: boolean; legendFormat?: string };
type PromAnnotation = AnnotationQuery<PromQuery> & { titleFormat?: string; textFormat?: string };
type Classic = Omit<Dashboard, 'annotations'> & { annotations?: { list?: PromAnnotation[] } };
type Partly<T> = T extends readonly unknown[] ? T : T extends object ? { [K in keyof T]?: Partly<T[K]> } : T;`;

interface DashboardShape {
  title: string;
  panels: PanelShape[];
}

/**
 * Holds the generated dashboards against the types of `@grafana/schema`, as the compiler sees them: a field that
 * Grafana does not know, a wrong type, or a value outside an enum is a fault.
 * @param dashboards the files' content, parsed
 * @returns the faults, each with the panel that it is in
 */
export function schemaFaults(dashboards: readonly DashboardShape[]): string[] {
  const panels = dashboards.flatMap((dashboard) => dashboard.panels);
  const unknown = panels.filter(({ type }) => type !== 'row' && !(type in OPTION_TYPES));
  const text = [
    `import type { AnnotationQuery, Dashboard, DataQuery } from '@grafana/schema';`,
    ...Object.entries(OPTION_TYPES).map(
      ([type, { file }]) =>
        `import type * as ${type} from '@grafana/schema/dist/esm/raw/composable/${file}';`,
    ),
    PLAIN,
    ...dashboards.map((dashboard) => check(dashboard.title, 'Plain<Classic>', dashboard)),
    ...panels.flatMap(panelChecks),
  ].join('\n');
  return [
    ...unknown.map(({ title, type }) => `"${title}": no types for panels of kind ${type}`),
    ...compile(text),
  ];
}

function panelChecks({ type, title, options, fieldConfig }: PanelShape): string[] {
  const known = OPTION_TYPES[type];
  if (known === undefined) return [];
  const lines = [check(title, `Plain<Partly<${type}.Options>>`, options ?? {})];
  const custom = fieldConfig?.defaults?.custom;
  // Where Grafana names no custom field options, there are none to be set.
  if (known.custom) lines.push(check(title, `Plain<Partly<${type}.FieldConfig>>`, custom ?? {}));
  else if (custom !== undefined) lines.push(check(title, '{}', custom));
  return lines;
}

function check(title: string, type: string, value: unknown): string {
  return `/* ${title} */ void (${JSON.stringify(value)} satisfies ${type});`;
}

function compile(text: string): string[] {
  // Beside the project, so that its packages are found; the file itself is never written.
  const file = join(process.cwd(), 'dashboards.schema-check.ts');
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: [],
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
  };
  const host = ts.createCompilerHost(options);
  const readFile = host.readFile.bind(host);
  const fileExists = host.fileExists.bind(host);
  const getSourceFile = host.getSourceFile.bind(host);
  host.fileExists = (name) => name === file || fileExists(name);
  host.readFile = (name) => (name === file ? text : readFile(name));
  host.getSourceFile = (name, target, ...rest) =>
    name === file ? ts.createSourceFile(name, text, target) : getSourceFile(name, target, ...rest);
  const program = ts.createProgram([file], options, host);
  return ts.getPreEmitDiagnostics(program).map((fault) => {
    const line = fault.file?.text.slice(0, fault.start).split('\n').length ?? 0;
    const title = /^\/\* (.*?) \*\//.exec(text.split('\n')[line - 1] ?? '')?.[1] ?? 'the check itself';
    return `"${title}": ${ts.flattenDiagnosticMessageText(fault.messageText, ' ')}`;
  });
}
