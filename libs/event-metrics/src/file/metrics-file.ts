import { isUtf8 } from 'node:buffer';
import { Ajv, type ErrorObject } from 'ajv';
import { readFileSync, statSync } from 'node:fs';
import { type Document, isMap, isNode, isScalar, LineCounter, type Node, parseDocument } from 'yaml';
import type {
  EventDefinition,
  EventSchema,
  LabelDefinition,
  MetricDefinition,
  MetricKind,
  MetricsFile,
  Scalar,
} from '../definitions.js';
import { EventSchemas, pathOf } from './event-schema.js';
import { type FileRules, MAX_METRICS, MAX_SAMPLES, mostSamplesOf, NameRules } from './file-rules.js';
import { metricsFileSchema } from './metrics-schema.js';

const MAX_FILE_BYTES = 256 * 1024;
/** A file of another kind has a fault in every line. */
const MAX_FAULTS = 50;
const MAX_ALIASES = 100;
const DEFAULT_MAX = 50;

/** One fault of the file: where, from 1, and a sentence. */
export interface FileFault {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** The file cannot be used. It carries every fault at once; `message` has one line a fault, as `file:line:column: message`. */
export class MetricsFileError extends Error {
  readonly code = 'ERR_METRICS_FILE';

  constructor(
    readonly path: string,
    readonly faults: readonly FileFault[],
    options?: ErrorOptions,
  ) {
    super(
      faults.map(({ line, column, message }) => `${path}:${line}:${column}: ${message}`).join('\n'),
      options,
    );
    this.name = 'MetricsFileError';
  }
}

/** What the file has, before it is made into definitions; its form was checked. */
interface RawLabel {
  readonly from: string;
  readonly max?: number;
  readonly values?: readonly string[];
  readonly default?: string;
}
type RawMetric = Readonly<Partial<Record<MetricKind, string>>> & {
  readonly help: string;
  readonly value?: string | number;
  readonly scale?: number;
  readonly labels?: Readonly<Record<string, Scalar | RawLabel>>;
  readonly where?: Readonly<Record<string, readonly Scalar[]>>;
  readonly buckets?: readonly number[];
  readonly ends_after_seconds?: number;
};
interface RawEvent {
  readonly description?: string;
  readonly schema?: EventSchema;
  readonly example?: Readonly<Record<string, unknown>>;
  readonly metrics: readonly RawMetric[];
}

const KINDS: readonly MetricKind[] = ['counter', 'gauge', 'histogram'];
const matchesForm = new Ajv({ allErrors: true, strictNumbers: true, allowUnionTypes: true }).compile(
  metricsFileSchema,
);

/**
 * Reads the file.
 *
 * @throws MetricsFileError with every fault, also when the file cannot be read
 */
export function readMetricsFile(path: string, rules: FileRules): MetricsFile {
  return parseMetricsFile(readText(path), rules, path);
}

/** @throws MetricsFileError */
export function readText(path: string): string {
  const refuse = (why: string): MetricsFileError => new MetricsFileError(path, [at(why)]);
  try {
    const found = statSync(path);
    // A pipe or a device would be read for ever.
    if (!found.isFile()) throw refuse('this is not a file');
    if (found.size > MAX_FILE_BYTES) {
      throw refuse(`the file has ${found.size} bytes, the limit is ${MAX_FILE_BYTES}`);
    }
    const bytes = readFileSync(path);
    if (!isUtf8(bytes)) throw refuse('the file is not UTF-8');
    return bytes.toString();
  } catch (error) {
    if (error instanceof MetricsFileError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    throw new MetricsFileError(path, [at(`the file cannot be read (${String(code)})`)], { cause: error });
  }
}

/**
 * Reads the text of a file.
 *
 * @param path names the file in messages
 * @throws MetricsFileError with every fault
 */
export function parseMetricsFile(text: string, rules: FileRules, path = 'metrics.yml'): MetricsFile {
  const reading = new FileReading(text, rules);
  const file = reading.read();
  if (file !== undefined && reading.faults.length === 0) return file;
  const faults = reading.faults.toSorted((a, b) => a.line - b.line || a.column - b.column);
  const more = faults.length - MAX_FAULTS;
  throw new MetricsFileError(path, [
    ...faults.slice(0, MAX_FAULTS),
    ...(more > 0 ? [at(`${more} more faults`)] : []),
  ]);
}

function at(message: string, line = 1, column = 1): FileFault {
  return { line, column, message };
}

class FileReading {
  readonly faults: FileFault[] = [];
  private readonly lines = new LineCounter();
  private readonly document: Document;
  private readonly names: NameRules;
  private readonly schemas = new EventSchemas();

  constructor(
    text: string,
    private readonly rules: FileRules,
  ) {
    this.names = new NameRules(rules);
    this.document = parseDocument(text, { lineCounter: this.lines, prettyErrors: false });
  }

  /** Undefined when its form is wrong: then nothing else can be said of it. */
  read(): MetricsFile | undefined {
    const { errors } = this.document;
    for (const { message, pos } of errors) this.addAt(pos[0], message);
    const content = errors.length === 0 ? this.content() : undefined;
    if (content === undefined || !this.hasForm(content)) return undefined;
    const events = Object.entries((content as { events: Readonly<Record<string, RawEvent>> }).events);
    const definitions = events.map(([type, raw]) => this.event(type, raw));
    const metrics = definitions.flatMap((definition) => definition.metrics);
    const mostSamples = metrics.reduce((sum, metric) => sum + mostSamplesOf(metric), 0);
    if (mostSamples > MAX_SAMPLES) {
      this.add(
        ['events'],
        `the labels allow ${mostSamples} samples in /metrics, the limit is ${MAX_SAMPLES}: lower \`max\``,
      );
    }
    return { events: new Map(definitions.map((definition) => [definition.type, definition])), mostSamples };
  }

  private content(): unknown {
    try {
      return this.document.toJS({ maxAliasCount: MAX_ALIASES }) as unknown;
    } catch (error) {
      this.add([], error instanceof Error ? error.message : String(error));
      return undefined;
    }
  }

  /** Counted first: checking ten thousand metrics would take seconds. */
  private hasForm(content: unknown): boolean {
    const events: unknown = Object(content as object).events;
    const counts = Object.values(Object(events) as object).map((event: unknown) => {
      const { metrics } = Object(event) as { metrics?: unknown };
      return Array.isArray(metrics) ? metrics.length : 0;
    });
    const count = counts.reduce((sum, each) => sum + each, 0);
    if (count > MAX_METRICS) {
      this.add(['events'], `the file has ${count} metrics, the limit is ${MAX_METRICS}`);
      return false;
    }
    if (matchesForm(content)) return true;
    for (const error of withoutEchoes(matchesForm.errors ?? [])) this.addForm(error);
    return false;
  }

  private event(type: string, raw: RawEvent): EventDefinition {
    const path = ['events', type];
    if (this.rules.types.includes(type)) this.add(path, `the type ${type} is taken`, true);
    const metrics = raw.metrics.map((metric, index) =>
      this.metric(type, metric, [...path, 'metrics', index]),
    );
    const faults = raw.schema === undefined ? [] : this.schemas.faultsOf(raw.schema);
    for (const fault of faults) this.add([...path, 'schema', ...fault.path], fault.message, true);
    const check = this.schemas.check(faults.length === 0 ? raw.schema : undefined);
    const example = raw.example && { type, ...raw.example };
    const misfit = example && check(example);
    if (misfit !== undefined)
      this.add([...path, 'example'], `the example breaks the schema: ${misfit.message}`);
    return { type, description: raw.description, schema: raw.schema, example, metrics, check };
  }

  private metric(type: string, raw: RawMetric, path: readonly (string | number)[]): MetricDefinition {
    const kinds = KINDS.filter((kind) => raw[kind] !== undefined);
    if (kinds.length !== 1) {
      this.add(path, 'a metric is exactly one of counter, gauge and histogram');
    }
    const [kind = 'counter'] = kinds;
    if (kind !== 'counter' && raw.value === undefined) this.add(path, `a ${kind} needs a value`);
    if (kind === 'histogram' && raw.buckets === undefined) this.add(path, 'a histogram needs buckets');
    if (kind !== 'histogram' && raw.buckets !== undefined) {
      this.add([...path, 'buckets'], `a ${kind} cannot have buckets`, true);
    }
    const metric: MetricDefinition = {
      kind,
      name: raw[kind] ?? '',
      help: raw.help,
      labels: Object.entries(raw.labels ?? {}).map(([name, label]) => labelOf(name, label)),
      value: raw.value ?? 1,
      scale: raw.scale ?? 1,
      buckets: raw.buckets ?? [],
      where: Object.entries(raw.where ?? {}).map(([pointer, values]) => ({ pointer, values })),
      endsAfterSeconds: raw.ends_after_seconds,
    };
    if (kinds.length === 1) {
      for (const fault of this.names.faultsOf(metric, type))
        this.add([...path, ...fault.path], fault.message, true);
    }
    return metric;
  }

  private addForm({ instancePath, keyword, params, message = keyword }: ErrorObject): void {
    const path = pathOf(instancePath);
    if (keyword === 'additionalProperties') {
      const key = String(params.additionalProperty);
      this.add([...path, key], `the key ${key} is not allowed here`, true);
    } else if (keyword === 'propertyNames') {
      const key = String(params.propertyName);
      this.add([...path, key], `${key} is not a valid name here`, true);
    } else this.add(path, `${path.at(-1) ?? 'the file'} ${message}`);
  }

  /** @param atKey whether to point at the key, and not at its value */
  private add(path: readonly (string | number)[], message: string, atKey = false): void {
    const node = this.nodeAt(path, atKey);
    this.addAt(node?.range?.[0] ?? 0, message);
  }

  /** The node at a path, or the nearest one around it. */
  private nodeAt(path: readonly (string | number)[], atKey: boolean): Node | undefined {
    const key = path.at(-1);
    if (atKey && key !== undefined) {
      const parent = this.document.getIn(path.slice(0, -1), true);
      const pair = isMap(parent)
        ? parent.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key))
        : undefined;
      if (pair !== undefined && isNode(pair.key)) return pair.key;
    }
    const node = this.document.getIn(path.map(indexOf), true);
    if (isNode(node)) return node;
    return path.length === 0 ? undefined : this.nodeAt(path.slice(0, -1), false);
  }

  private addAt(offset: number, message: string): void {
    const { line, col } = this.lines.linePos(offset);
    this.faults.push({ line: Math.max(1, line), column: Math.max(1, col), message });
  }
}

/** YAML finds the items of a list by numbers, and keys that look like numbers by texts. */
function indexOf(key: string | number): string | number {
  return typeof key === 'string' && /^\d{1,6}$/.test(key) ? Number(key) : key;
}

function isRuleInside({ schemaPath, propertyName }: ErrorObject): boolean {
  return propertyName !== undefined || /\/anyOf\/\d+\/type$/.test(schemaPath);
}

/** Ajv says of a name, and of each choice, twice what is wrong: by the rule inside, and by the rule around it. */
function withoutEchoes(errors: readonly ErrorObject[]): ErrorObject[] {
  const outer = errors.filter((error) => !isRuleInside(error));
  return outer.filter(
    (error) =>
      error.keyword !== 'anyOf' ||
      !outer.some((other) => other !== error && other.instancePath.startsWith(error.instancePath)),
  );
}

function labelOf(name: string, raw: Scalar | RawLabel): LabelDefinition {
  if (typeof raw !== 'object' || raw === null) {
    return { name, constant: String(raw), from: undefined, max: 1, values: undefined, fallback: undefined };
  }
  const { from, max = DEFAULT_MAX, values, default: fallback } = raw;
  return { name, from, constant: undefined, max: values?.length ?? max, values, fallback };
}
