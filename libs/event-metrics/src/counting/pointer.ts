import { pathOf } from '../file/event-schema.js';

/** Finds a value in an event; undefined when nothing is there. */
export type Reader = (event: unknown) => unknown;

/** Names that objects, lists or texts have without having been given them. */
const INHERITED = new Set(
  [Object.prototype, Array.prototype, String.prototype, Number.prototype, Boolean.prototype].flatMap(
    (prototype) => Object.getOwnPropertyNames(prototype),
  ),
);
const INDEX = /^(?:0|[1-9]\d{0,8})$/;

/**
 * A reader of a JSON pointer (RFC 6901), for values that came from JSON. It sees own fields only, so `/__proto__` and `/constructor`
 * find what the sender wrote and nothing else.
 */
export function readerOf(pointer: string): Reader {
  const keys = pathOf(pointer);
  const [key = ''] = keys;
  if (keys.length === 1 && isPlain(key)) {
    // The most frequent one: a field of the event itself, which the dispatch has found to be an object.
    return (event) => (event as Readonly<Record<string, unknown>>)[key];
  }
  const steps = keys.map(stepOf);
  return (event) => {
    let value = event;
    for (const step of steps) {
      if (typeof value !== 'object' || value === null) return undefined;
      value = step(value);
    }
    return value;
  };
}

/** Whether nothing inherits the name, so that it needs no closer look. */
function isPlain(key: string): boolean {
  return !INHERITED.has(key) && !INDEX.test(key);
}

function stepOf(key: string): (value: object) => unknown {
  if (isPlain(key)) return (value) => (value as Readonly<Record<string, unknown>>)[key];
  const isIndex = INDEX.test(key);
  return (value) => {
    if (Array.isArray(value) ? !isIndex : false) return undefined;
    return Object.hasOwn(value, key) ? (value as Readonly<Record<string, unknown>>)[key] : undefined;
  };
}
