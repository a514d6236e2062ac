/** What one metric of the file is; every count has one of these kinds. */
export type MetricKind = 'counter' | 'gauge' | 'histogram';

/** What a field of an event can be compared with. */
export type Scalar = string | number | boolean | null;

/** One label of a metric. */
export interface LabelDefinition {
  readonly name: string;
  /** A JSON pointer into the event; undefined for a constant. */
  readonly from: string | undefined;
  /** The value of a constant label. */
  readonly constant: string | undefined;
  /** Most values that have series of their own; the others count as `other`. */
  readonly max: number;
  /** The only values, all of which exist from the start; undefined: whatever comes, up to `max`. */
  readonly values: readonly string[] | undefined;
  /** The value when the pointer finds nothing; undefined: such an event is rejected. */
  readonly fallback: string | undefined;
}

/** A filter: the metric moves only for events with one of these values there. */
export interface WhereDefinition {
  readonly pointer: string;
  readonly values: readonly Scalar[];
}

/** One metric of an event type. */
export interface MetricDefinition {
  readonly kind: MetricKind;
  readonly name: string;
  readonly help: string;
  readonly labels: readonly LabelDefinition[];
  /** A JSON pointer or a number; 1 for a counter that names neither. */
  readonly value: string | number;
  /** The value is multiplied by it. */
  readonly scale: number;
  /** Upper bounds of a histogram, rising; empty for the other kinds. */
  readonly buckets: readonly number[];
  readonly where: readonly WhereDefinition[];
  /** A series that nothing moved for this long ends; undefined: never. */
  readonly endsAfterSeconds: number | undefined;
}

/** Why an event is not counted. */
export interface EventFault {
  /** A reason of the contract. */
  readonly reason: 'invalid_event' | 'invalid_value' | 'invalid_label';
  /** A JSON pointer to the field at fault; empty for the event as a whole. */
  readonly field: string;
  /** The rule that was broken, such as `required` or `type`. */
  readonly rule: string;
  /** One sentence for people; it never repeats the offending value. */
  readonly message: string;
}

/** A JSON Schema as it stands in the file. */
export type EventSchema = Readonly<Record<string, unknown>>;

/** One event type of the file. */
export interface EventDefinition {
  readonly type: string;
  readonly description: string | undefined;
  /** Undefined: any object is such an event. */
  readonly schema: EventSchema | undefined;
  /** An event of this type, for documents. */
  readonly example: Readonly<Record<string, unknown>> | undefined;
  readonly metrics: readonly MetricDefinition[];
  /** Checks an event against the schema; undefined when it keeps it. Never throws. */
  readonly check: (event: unknown) => EventFault | undefined;
}

/** A file that was read and found to be without fault. */
export interface MetricsFile {
  readonly events: ReadonlyMap<string, EventDefinition>;
  /** Samples in /metrics when every label is full. */
  readonly mostSamples: number;
}

/** The value of a label beyond its bound. */
export const OTHER = 'other';
/** Most characters of a label's value; a longer one counts as `other`. */
export const MAX_LABEL_CHARACTERS = 128;
/** The largest step of a counter and value of a histogram: a sum must stay small enough for the next one to change it. */
export const MAX_STEP = 1e15;
