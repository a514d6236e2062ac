import { applyDecorators } from '@nestjs/common';
import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';
import { JSONSchema } from 'class-validator-jsonschema';

/** The description of one field for readers of the contract. */
export interface FieldDescription {
  readonly description: string;
  readonly example: string | number;
  /** What Swagger cannot infer by itself, such as `enum` or `minimum`. */
  readonly api?: ApiPropertyOptions;
}

/** Gives a field the same description in Swagger and in the published JSON Schema. */
export function Described(field: FieldDescription): PropertyDecorator {
  const { description, example, api = {} } = field;
  // The union type of ApiPropertyOptions does not survive a spread.
  const options = { description, example, required: true, ...api } as ApiPropertyOptions;
  return applyDecorators(ApiProperty(options), JSONSchema({ description, examples: [example] }));
}
