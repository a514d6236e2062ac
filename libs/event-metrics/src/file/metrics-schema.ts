const POINTER = {
  type: 'string',
  description: 'A JSON pointer into the event, such as /venue or /legs/0/price.',
  pattern: '^(/([^~/]|~[01])*)+$',
  maxLength: 256,
};
const LABEL_VALUE = { type: ['string', 'number', 'boolean'], description: 'The same for every event.' };
const SCALAR = { type: ['string', 'number', 'boolean', 'null'] };
const METRIC_NAME = { type: 'string', pattern: '^[a-zA-Z_][a-zA-Z0-9_]*$', maxLength: 128 };

const LABEL = {
  anyOf: [
    LABEL_VALUE,
    {
      type: 'object',
      description: 'Read from the event.',
      required: ['from'],
      additionalProperties: false,
      properties: {
        from: POINTER,
        max: {
          type: 'integer',
          minimum: 1,
          maximum: 8000,
          default: 50,
          description: 'Most values with series of their own; the others count as "other".',
        },
        values: {
          type: 'array',
          items: { type: 'string', minLength: 1, maxLength: 128 },
          minItems: 1,
          maxItems: 1000,
          uniqueItems: true,
          description: 'The only values. Their series exist at 0 from the start.',
        },
        default: {
          type: 'string',
          maxLength: 128,
          description: 'The value when the pointer finds nothing. Without it such an event is rejected.',
        },
      },
    },
  ],
};

const METRIC = {
  type: 'object',
  required: ['help'],
  additionalProperties: false,
  properties: {
    counter: { ...METRIC_NAME, description: 'A counter of this name; it ends in _total.' },
    gauge: { ...METRIC_NAME, description: 'A gauge of this name: the value of the event applied last.' },
    histogram: { ...METRIC_NAME, description: 'A histogram of this name, in base units such as seconds.' },
    help: { type: 'string', minLength: 1, maxLength: 500, description: 'One sentence for people.' },
    value: {
      anyOf: [POINTER, { type: 'number', description: 'The same for every event.' }],
      description: 'What is added, set or observed. A counter without it counts 1 an event.',
    },
    scale: {
      type: 'number',
      default: 1,
      description: 'Multiplies the value: 0.001 makes seconds of milliseconds.',
    },
    labels: {
      type: 'object',
      propertyNames: { pattern: '^[a-zA-Z_][a-zA-Z0-9_]*$', maxLength: 64 },
      maxProperties: 10,
      additionalProperties: LABEL,
    },
    where: {
      type: 'object',
      description: 'Counts only events that have one of these values at the pointer.',
      propertyNames: { pattern: '^(/([^~/]|~[01])*)+$', maxLength: 256 },
      maxProperties: 10,
      additionalProperties: { type: 'array', items: SCALAR, minItems: 1, maxItems: 100 },
    },
    buckets: {
      type: 'array',
      items: { type: 'number' },
      minItems: 1,
      maxItems: 100,
      description: 'Upper bounds of a histogram, rising, in the unit of its name.',
    },
    ends_after_seconds: {
      type: 'number',
      minimum: 1,
      maximum: 31_536_000,
      description: 'A series without an event for this long ends and makes room for another.',
    },
  },
};

/** The JSON Schema (draft-07) of the file itself, for editors; published as docs/reference/metrics.schema.json. */
export const metricsFileSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'SIDECAR_METRICS',
  description: 'Event types beside trade, and the metrics that each of them moves.',
  type: 'object',
  required: ['events'],
  additionalProperties: false,
  properties: {
    events: {
      type: 'object',
      description: 'By the `type` of the event.',
      propertyNames: { pattern: '^[A-Za-z][A-Za-z0-9_.:-]{0,63}$' },
      minProperties: 1,
      maxProperties: 100,
      additionalProperties: {
        type: 'object',
        required: ['metrics'],
        additionalProperties: false,
        properties: {
          description: { type: 'string', maxLength: 500 },
          schema: {
            type: 'object',
            description: 'A JSON Schema (draft-07) without $ref that events must keep.',
          },
          example: { type: 'object', description: 'An event of this type, for documents.' },
          metrics: { type: 'array', minItems: 1, items: METRIC },
        },
      },
    },
  },
} as const;
