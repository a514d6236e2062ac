import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { RE2JS } from 're2js';
import type { EventFault, EventSchema } from '../definitions.js';

const MAX_SUBSCHEMAS = 1000;
const MAX_DEPTH = 32;
const MAX_PATTERN_CHARACTERS = 256;
/** Of one file: compiling a pattern with nested counts takes some 40 ms. */
const MAX_PATTERNS = 50;
const MAX_PATTERN_STEPS = 1000;
/** RE2's time is linear in the text; with this bound it is also short. */
const MAX_MATCHED_CHARACTERS = 1024;

/** Keywords whose value is a schema, a list of schemas, or schemas by name. */
const SCHEMAS = [
  'not',
  'if',
  'then',
  'else',
  'contains',
  'propertyNames',
  'additionalItems',
  'additionalProperties',
];
const LISTS = ['allOf', 'anyOf', 'oneOf'];
const MAPS = ['properties', 'patternProperties', 'definitions', '$defs', 'dependencies'];

/** The event's own pattern, when it was sent, and its trace. */
const WIRE_FIELDS = { type: {}, sent: {}, traceparent: {} };

/** What a schema must not have, and why. */
const REFUSED: Readonly<Record<string, string>> = {
  $ref: 'a reference can repeat without end; write it out, or use a YAML alias',
  $dynamicRef: 'a reference can repeat without end; write it out, or use a YAML alias',
  $recursiveRef: 'a reference can repeat without end; write it out, or use a YAML alias',
  $async: 'events are checked synchronously',
  $id: 'nothing can refer to it',
  uniqueItems: 'its time grows with the square of the items',
};

/** What is wrong in a schema: where, as keys from its root, and a sentence. */
export interface SchemaFault {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** A regular expression whose time is linear in the text. A text beyond the bound matches nothing. */
function linearPattern(source: string): { test(text: string): boolean } {
  const pattern = RE2JS.compile(source);
  return { test: (text) => text.length <= MAX_MATCHED_CHARACTERS && pattern.matcher(text).find() };
}
// Ajv writes it into code that it would store; nothing of ours is stored.
linearPattern.code = 'new RegExp';

/** Compiles the schemas of one file. */
export class EventSchemas {
  /** The first fault of an event is enough: looking for all of them has no bound. */
  private readonly ajv = new Ajv({
    strictSchema: true,
    strictTypes: false,
    strictTuples: false,
    strictRequired: false,
    allowUnionTypes: true,
    strictNumbers: true,
    ownProperties: true,
    validateFormats: false,
    addUsedSchema: false,
    logger: false,
    code: { regExp: linearPattern },
  });

  private patterns = 0;

  /** All that keeps the schema from being used; nothing when it can be. */
  faultsOf(schema: EventSchema): readonly SchemaFault[] {
    const walk = new SchemaWalk(MAX_PATTERNS - this.patterns);
    walk.visit(schema, []);
    this.patterns += walk.patterns;
    if (walk.faults.length > 0) return walk.faults;
    // A new Error's position would be that of the whole schema; the validator of schemas knows better.
    if (this.ajv.validateSchema(schema) !== true) {
      // The rules around a keyword repeat what the first one says.
      const [first] = this.ajv.errors ?? [];
      return [first as ErrorObject].map((error) => ({
        path: pathOf(error.instancePath),
        message: `the schema is wrong: ${error.message ?? error.keyword}`,
      }));
    }
    try {
      this.ajv.compile(schema);
      return [];
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return [{ path: [], message: `the schema is wrong: ${message}` }];
    }
  }

  /** The check of a schema without faults. */
  check(schema: EventSchema | undefined): (event: unknown) => EventFault | undefined {
    if (schema === undefined) return (event) => (isObject(event) ? undefined : NO_OBJECT);
    const validate = this.ajv.compile(withWireFields(schema));
    return (event) => (isObject(event) ? faultOf(validate, event) : NO_OBJECT);
  }
}

const NO_OBJECT: EventFault = {
  reason: 'invalid_event',
  field: '',
  rule: 'type',
  message: 'the event must be a JSON object',
};

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function faultOf(validate: ValidateFunction, event: unknown): EventFault | undefined {
  if (validate(event)) return undefined;
  const [error] = validate.errors as [ErrorObject];
  const field =
    error.keyword === 'required'
      ? `${error.instancePath}/${String(error.params.missingProperty)}`
      : error.instancePath;
  const subject = field === '' ? 'the event' : field;
  const rule =
    error.keyword === 'required' ? 'is missing' : (error.message ?? `breaks the rule ${error.keyword}`);
  // Names of fields come from the sender, and may be as long as a message.
  const message = `${subject.slice(0, 200)} ${rule.slice(0, 300)}`;
  return { reason: 'invalid_event', field: field.slice(0, 200), rule: error.keyword, message };
}

/** A schema that names all fields of its events does not mean those that travel with every event. */
function withWireFields(schema: EventSchema): EventSchema {
  if (schema['additionalProperties'] === undefined) return schema;
  return { ...schema, properties: { ...WIRE_FIELDS, ...(schema['properties'] as object | undefined) } };
}

/** Keys of a JSON pointer. */
export function pathOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** Visits every subschema once, as often as it is used: an alias counts each time. */
class SchemaWalk {
  readonly faults: SchemaFault[] = [];
  patterns = 0;
  private visited = 0;

  /** @param mostPatterns how many the file may still have */
  constructor(private readonly mostPatterns: number) {}

  visit(schema: unknown, path: readonly (string | number)[]): void {
    this.visited += 1;
    if (this.visited === MAX_SUBSCHEMAS + 1) {
      this.faults.push({ path: [], message: `the schema has more than ${MAX_SUBSCHEMAS} subschemas` });
    }
    if (this.visited > MAX_SUBSCHEMAS) return;
    if (path.length > 2 * MAX_DEPTH) {
      this.faults.push({ path: [], message: `the schema is nested more than ${MAX_DEPTH} deep` });
      return;
    }
    if (typeof schema !== 'object' || schema === null) return;
    this.visitKeywords(schema as EventSchema, path);
  }

  private visitKeywords(schema: EventSchema, path: readonly (string | number)[]): void {
    for (const [keyword, value] of Object.entries(schema)) {
      const at = [...path, keyword];
      const refusal = Object.hasOwn(REFUSED, keyword) && value !== false ? REFUSED[keyword] : undefined;
      if (refusal !== undefined)
        this.faults.push({ path: at, message: `${keyword} cannot be used: ${refusal}` });
      if (keyword === 'pattern') this.checkPattern(value, at);
      if (keyword === 'patternProperties') {
        for (const name of Object.keys(Object(value) as object)) this.checkPattern(name, [...at, name]);
      }
      if (SCHEMAS.includes(keyword)) this.visit(value, at);
      if (LISTS.includes(keyword) || (keyword === 'items' && Array.isArray(value))) this.visitAll(value, at);
      else if (keyword === 'items') this.visit(value, at);
      if (MAPS.includes(keyword)) {
        for (const [name, each] of Object.entries(Object(value) as object)) this.visit(each, [...at, name]);
      }
    }
  }

  private visitAll(list: unknown, path: readonly (string | number)[]): void {
    if (Array.isArray(list)) list.forEach((each, index) => this.visit(each, [...path, index]));
  }

  private checkPattern(source: unknown, path: readonly (string | number)[]): void {
    if (typeof source !== 'string') return;
    this.patterns += 1;
    if (this.patterns > this.mostPatterns) {
      if (this.patterns === this.mostPatterns + 1) {
        this.faults.push({ path, message: `the file has more than ${MAX_PATTERNS} patterns` });
      }
      return;
    }
    const fault = patternFault(source);
    if (fault !== undefined) this.faults.push({ path, message: fault });
  }
}

function patternFault(source: string): string | undefined {
  if (source.length > MAX_PATTERN_CHARACTERS) {
    return `a pattern has at most ${MAX_PATTERN_CHARACTERS} characters`;
  }
  try {
    const steps = RE2JS.compile(source).programSize();
    return steps > MAX_PATTERN_STEPS ? 'the pattern is too large: use smaller counts' : undefined;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return `the pattern cannot be run in linear time (RE2): ${why}`;
  }
}
