import { targetConstructorToSchema } from 'class-validator-jsonschema';
import { TradeEvent } from './trade-event.js';

/** A JSON Schema (draft-07) of one object, as far as the contract uses it. */
export interface JsonSchema {
  readonly $schema: string;
  readonly title: string;
  readonly description: string;
  readonly type: 'object';
  readonly properties: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly required: readonly string[];
}

/** The schema of one trade on the wire, derived from `TradeEvent`; published as docs/reference/trade.schema.json. */
export const tradeSchema: Readonly<JsonSchema> = Object.freeze(deriveSchema());

function deriveSchema(): JsonSchema {
  const derived = targetConstructorToSchema(TradeEvent);
  const required = derived.required ?? [];
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'TradeEvent',
    description: 'One trade on the wire. Fields that are not named here are ignored.',
    type: 'object',
    properties: Object.fromEntries(
      Object.entries(derived.properties ?? {}).map(([name, schema]) => [
        name,
        required.includes(name) ? schema : orNull(schema as FieldSchema),
      ]),
    ) as JsonSchema['properties'],
    required,
  };
}

type FieldSchema = Readonly<Record<string, unknown>>;

/** Many programs write an optional field that they leave out as null, which class-validator accepts too. */
function orNull(schema: FieldSchema): FieldSchema {
  return { ...schema, type: [schema.type, 'null'] };
}
