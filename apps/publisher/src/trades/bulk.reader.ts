import type { FieldFault } from '@app/service-kit';
import { invalidInput, TradeRefusedException } from './trade-refused.exception.js';

/** Content type of newline-delimited JSON. */
export const NDJSON_TYPE = 'application/x-ndjson';

/** An NDJSON body before its lines are looked at, told apart from what JSON gives. */
export class NdjsonText {
  constructor(readonly text: string) {}
}

/** A line that is not JSON: it is refused alone, and the others go on. */
export class BrokenLine {
  static readonly fault: FieldFault = { field: 'item', rule: 'json', message: 'the line is not JSON' };
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) return new BrokenLine();
    throw error;
  }
}

function itemsOf(body: unknown): unknown[] {
  if (body instanceof NdjsonText) {
    return body.text
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map(parseLine);
  }
  if (Array.isArray(body)) return body as unknown[];
  const message = 'the body must be a JSON array, or one JSON object a line as application/x-ndjson';
  throw invalidInput('malformed', [{ field: 'body', rule: 'type', message }]);
}

/**
 * The items of a bulk body, each decoded but not yet checked (or a `BrokenLine`).
 *
 * @throws TradeRefusedException 400 when the body is no list or an empty one, 413 when it has too many items
 */
export function readItems(body: unknown, maxItems: number): unknown[] {
  const items = itemsOf(body);
  if (items.length === 0) {
    throw invalidInput('malformed', [{ field: 'body', rule: 'minItems', message: 'the body has no items' }]);
  }
  if (items.length > maxItems) {
    const message = `the body has ${items.length} items; at most ${maxItems} are taken at once`;
    const errors = [{ field: 'body', rule: 'maxItems', message }];
    throw new TradeRefusedException('batch_size', { status: 413, detail: message, errors });
  }
  return items;
}
