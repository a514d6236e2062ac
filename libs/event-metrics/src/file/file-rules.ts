import type { MetricDefinition } from '../definitions.js';

/** What the file must not take, because somebody else has it. */
export interface FileRules {
  /** Event types that have handlers of their own. */
  readonly types: readonly string[];
  /** Names of metrics. */
  readonly names: readonly string[];
  /** Beginnings of names. */
  readonly prefixes: readonly string[];
  /** Labels that the sidecar adds itself. */
  readonly labels: readonly string[];
}

/** Most metrics of one file. */
export const MAX_METRICS = 1000;
/** Most samples in /metrics when every label is full. */
export const MAX_SAMPLES = 100_000;
const MAX_READ_LABELS = 4;

/** What is wrong with a metric: in which of its keys, and a sentence. */
export interface MetricFault {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** The names of a metric's samples, and of its families in both formats of /metrics. */
function namesOf({ kind, name }: Pick<MetricDefinition, 'kind' | 'name'>): string[] {
  if (kind === 'histogram') return [name, `${name}_bucket`, `${name}_count`, `${name}_sum`];
  return kind === 'counter' ? [name, name.replace(/_total$/, '')] : [name];
}

/** Samples of a metric when every label is full, with the series of `other`. */
export function mostSamplesOf({ labels, buckets, kind }: MetricDefinition): number {
  const series = labels
    .filter(({ from }) => from !== undefined)
    .reduce((product, { values, max }) => product * ((values?.length ?? max) + 1), 1);
  return series * (kind === 'histogram' ? buckets.length + 3 : 1);
}

/** Holds the rules of names over all metrics of one file. */
export class NameRules {
  private readonly taken = new Map<string, string>();

  constructor(private readonly rules: FileRules) {
    for (const name of rules.names) {
      for (const each of [name, name.replace(/_total$/, '')]) this.taken.set(each, 'a metric of the sidecar');
    }
  }

  /** Notes the metric's names, and says what is wrong with it. */
  faultsOf(metric: MetricDefinition, type: string): MetricFault[] {
    const { kind, name } = metric;
    const faults: MetricFault[] = [];
    const prefix = this.rules.prefixes.find((each) => name.startsWith(each));
    if (prefix !== undefined)
      faults.push({ path: [kind], message: `names that begin with ${prefix} are the sidecar's own` });
    const ending = endingFault(metric);
    if (ending !== undefined) faults.push({ path: [kind], message: ending });
    const names = namesOf(metric);
    const holder = names.map((each) => this.taken.get(each)).find((each) => each !== undefined);
    if (holder !== undefined && prefix === undefined) {
      faults.push({ path: [kind], message: `the name ${name} is taken by ${holder}` });
    }
    for (const each of names) this.taken.set(each, `${name} of the type ${type}`);
    return [...faults, ...valueFaults(metric), ...labelFaults(metric, this.rules.labels)];
  }
}

function endingFault({ kind, name }: MetricDefinition): string | undefined {
  if (kind === 'counter') return /._total$/.test(name) ? undefined : 'the name of a counter ends in _total';
  return /_(?:total|bucket|count|sum)$/.test(name)
    ? `the name of a ${kind} does not end in _total, _bucket, _count or _sum`
    : undefined;
}

function valueFaults({ kind, value, buckets, scale }: MetricDefinition): MetricFault[] {
  const faults: MetricFault[] = [];
  if (kind === 'counter' && typeof value === 'number' && value * scale < 0) {
    faults.push({
      path: ['value'],
      message: 'value × scale must not be negative: a counter only rises',
    });
  }
  if (buckets.some((bound, index) => index > 0 && bound <= (buckets[index - 1] ?? 0))) {
    faults.push({ path: ['buckets'], message: 'buckets must rise' });
  }
  return faults;
}

function labelFaults({ kind, labels }: MetricDefinition, own: readonly string[]): MetricFault[] {
  const faults = labels.flatMap(({ name }): MetricFault[] => {
    if (name.startsWith('__'))
      return [{ path: ['labels', name], message: 'Prometheus reserves labels that begin with __' }];
    if (own.includes(name) || (name === 'le' && kind === 'histogram')) {
      return [{ path: ['labels', name], message: `the sidecar sets the label ${name} itself` }];
    }
    return [];
  });
  const read = labels.filter(({ from }) => from !== undefined);
  if (read.length > MAX_READ_LABELS) {
    faults.push({ path: ['labels'], message: `at most ${MAX_READ_LABELS} labels are read from the event` });
  }
  return faults;
}
