import {
  type EventDefinition,
  type EventFault,
  type LabelDefinition,
  MAX_STEP,
  type MetricDefinition,
  type Scalar,
  type WhereDefinition,
} from '../definitions.js';
import { type MetricTally, readLabelsOf } from './metric-tally.js';
import { type Reader, readerOf } from './pointer.js';

/** Where the events of a batch are counted: the metrics of a type, in their order. */
export type TypeTally = readonly MetricTally[];

/**
 * Counts the events of a batch, each wholly or not at all.
 *
 * @param reject called with the place of each event that is not counted
 * @returns events that were counted
 */
export type BatchFunction = (
  events: readonly unknown[],
  tally: TypeTally,
  atSeconds: number,
  reject: (index: number, fault: EventFault) => void,
) => number;

/** An event type as one function over a batch; `check` is the same without counting. */
export interface EventPlan {
  readonly count: BatchFunction;
  /** Undefined when the event would be counted. */
  readonly check: (event: unknown) => EventFault | undefined;
}

/** Makes the functions of a type, once. They keep what they read of an event between reading and counting: one event at a time. */
export function planOf({ metrics, check: checkSchema }: EventDefinition): EventPlan {
  const steps = metrics.map((metric) => new MetricStep(metric));
  const check = (event: unknown): EventFault | undefined => {
    const fault = checkSchema(event);
    if (fault !== undefined) return fault;
    for (const step of steps) {
      const wrong = step.read(event);
      if (wrong !== undefined) return wrong;
    }
    return undefined;
  };
  const count: BatchFunction = (events, tally, atSeconds, reject) => {
    let counted = 0;
    for (let index = 0; index < events.length; index += 1) {
      const fault = check(events[index]);
      if (fault !== undefined) {
        reject(index, fault);
        continue;
      }
      for (let place = 0; place < steps.length; place += 1) {
        (steps[place] as MetricStep).move(tally[place] as MetricTally, atSeconds);
      }
      counted += 1;
    }
    return counted;
  };
  return { count, check };
}

/** One metric of a type: reads what it needs of an event, then moves its series. */
class MetricStep {
  private readonly where: readonly Filter[];
  private readonly labels: readonly LabelReader[];
  private readonly readValue: Reader | undefined;
  private readonly constant: number;
  private readonly texts: string[] = [];
  private value = 0;
  private applies = false;

  constructor(private readonly metric: MetricDefinition) {
    this.where = metric.where.map(filterOf);
    this.labels = readLabelsOf(metric).map(labelReaderOf);
    this.readValue = typeof metric.value === 'string' ? readerOf(metric.value) : undefined;
    this.constant = typeof metric.value === 'number' ? metric.value * metric.scale : Number.NaN;
  }

  /** Reads the value and the labels. @returns why the event cannot be counted */
  read(event: unknown): EventFault | undefined {
    this.applies = false;
    for (const passes of this.where) if (!passes(event)) return undefined;
    const fault = this.takeValue(event) ?? this.takeLabels(event);
    this.applies = fault === undefined;
    return fault;
  }

  /** Moves the series, unless the event was filtered out. Cannot fail. */
  move(tally: MetricTally, atSeconds: number): void {
    if (!this.applies) return;
    const series = tally.find(this.texts);
    if (this.metric.kind === 'counter') tally.add(series, this.value, atSeconds);
    else if (this.metric.kind === 'gauge') tally.set(series, this.value, atSeconds);
    else tally.observe(series, this.value, atSeconds);
  }

  private takeValue(event: unknown): EventFault | undefined {
    const { readValue, metric } = this;
    if (readValue === undefined) {
      this.value = this.constant;
      return undefined;
    }
    const raw = readValue(event);
    if (typeof raw !== 'number')
      return this.valueFault(
        raw === undefined ? 'required' : 'type',
        raw === undefined ? 'is missing' : 'must be a number',
      );
    const value = raw * metric.scale;
    if (!Number.isFinite(value)) return this.valueFault('type', 'must be a finite number');
    if (metric.kind !== 'gauge' && Math.abs(value) > MAX_STEP) {
      return this.valueFault('maximum', `times ${metric.scale} must be at most ${MAX_STEP}`);
    }
    if (metric.kind === 'counter' && value < 0)
      return this.valueFault('minimum', 'must not be negative: a counter only rises');
    this.value = value;
    return undefined;
  }

  private valueFault(rule: string, words: string): EventFault {
    const field = String(this.metric.value);
    return { reason: 'invalid_value', field, rule, message: `${field} ${words} (${this.metric.name})` };
  }

  private takeLabels(event: unknown): EventFault | undefined {
    for (let place = 0; place < this.labels.length; place += 1) {
      const { definition, read } = this.labels[place] as LabelReader;
      const text = textOf(read(event)) ?? definition.fallback;
      if (text === undefined) {
        const field = definition.from ?? '';
        const message = `${field} must be a text, a number or a boolean (label ${definition.name} of ${this.metric.name})`;
        return { reason: 'invalid_label', field, rule: 'label', message };
      }
      this.texts[place] = text;
    }
    return undefined;
  }
}

interface LabelReader {
  readonly definition: LabelDefinition;
  readonly read: Reader;
}

function labelReaderOf(definition: LabelDefinition): LabelReader {
  return { definition, read: readerOf(definition.from ?? '') };
}

/** The text of a label's value; undefined where there is none. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

type Filter = (event: unknown) => boolean;

function filterOf({ pointer, values }: WhereDefinition): Filter {
  const read = readerOf(pointer);
  const wanted: ReadonlySet<unknown> = new Set<Scalar>(values);
  return (event) => wanted.has(read(event));
}
