import { isUtf8 } from 'node:buffer';
import type { FieldFault } from '@app/service-kit';
import { invalidInput, TradeRefusedException } from './refusals.js';

/** Content types of newline-delimited JSON. No type is registered, and clients use all of these. */
export const NDJSON_TYPES = [
  'application/x-ndjson',
  'application/ndjson',
  'application/jsonl',
  'application/x-jsonl',
  'application/jsonlines',
  'application/x-jsonlines',
  'application/json-lines',
];

/** An NDJSON body whose text is not read yet; the class tells it from a parsed JSON body. */
export class NdjsonText {
  constructor(readonly bytes: Buffer) {}
}

/** A line that is not JSON. The publisher refuses only this line. */
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

/** 413, before any item is parsed. */
function tooMany(what: string, maxItems: number): TradeRefusedException {
  const message = `the body has ${what} items; one post may have at most ${maxItems}`;
  const errors = [{ field: 'body', rule: 'maxItems', message }];
  return new TradeRefusedException('batch_size', { status: 413, detail: message, errors });
}

/** Refuses bytes that are not UTF-8: plain decoding would silently put replacement characters in their place. */
function textOf({ bytes }: NdjsonText): string {
  if (!isUtf8(bytes)) {
    throw invalidInput('malformed', [{ field: 'body', rule: 'utf8', message: 'the body is not UTF-8' }]);
  }
  return bytes.toString().replace(/^\uFEFF/, '');
}

/** The lines that are not empty. Stops at the limit, so that millions of lines cost no more than the limit does. */
function linesOf(text: string, maxItems: number): string[] {
  const lines: string[] = [];
  for (let start = 0; start < text.length;) {
    const newline = text.indexOf('\n', start);
    const end = newline === -1 ? text.length : newline;
    const line = text.slice(start, end).trim();
    start = end + 1;
    if (line === '') continue;
    if (lines.length === maxItems) throw tooMany(`more than ${maxItems}`, maxItems);
    lines.push(line);
  }
  return lines;
}

function itemsOf(body: unknown, maxItems: number): unknown[] {
  if (body instanceof NdjsonText) return linesOf(textOf(body), maxItems).map(parseLine);
  if (!Array.isArray(body)) {
    const message = 'the body must be a JSON array, or one JSON object a line as application/x-ndjson';
    throw invalidInput('malformed', [{ field: 'body', rule: 'type', message }]);
  }
  if (body.length > maxItems) throw tooMany(String(body.length), maxItems);
  return body as unknown[];
}

/**
 * The items of a bulk body, each decoded but not yet checked (or a `BrokenLine`).
 *
 * @throws TradeRefusedException 400 when the body is no list, an empty one or not UTF-8, 413 when it has too many items
 */
export function readItems(body: unknown, maxItems: number): unknown[] {
  const items = itemsOf(body, maxItems);
  if (items.length > 0) return items;
  throw invalidInput('malformed', [{ field: 'body', rule: 'minItems', message: 'the body has no items' }]);
}
