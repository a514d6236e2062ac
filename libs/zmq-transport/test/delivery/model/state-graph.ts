/** Names that only have to differ from each other: which of them comes first in a state says nothing about the state. */
const FRESH_NAME = /^[SCI]\d+$/;

/**
 * Jest's globals stand behind a proxy, and an exploration asks for them a million times: that took most of its time.
 */
const [ListOf, MapOf, SetOf, toText] = [Array, Map, Set, String];
const { isBuffer } = Buffer;
const { create, getPrototypeOf, isFrozen } = Object;

let serial = 0;

/** A name nobody has: `S` for sessions, `C` for connections, `I` for instances. */
export function freshName(kind: 'S' | 'C' | 'I'): string {
  serial += 1;
  return `${kind}${serial}`;
}

const constants = new WeakSet();

/** Marks what is the same in all states, and so no part of any. */
export function constant<T extends object>(value: T): T {
  constants.add(value);
  return Object.freeze(value);
}

/** A copy of everything that can be reached from `root`; what is frozen, and functions, are shared. */
export function cloneOf<T extends object>(root: T): T {
  const copies = new MapOf<object, object>();
  const copy = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null || isBuffer(value) || isFrozen(value)) {
      return value;
    }
    const known = copies.get(value);
    return known ?? copyObject(value);
  };
  const copyObject = (value: object): object => {
    if (ListOf.isArray(value)) {
      const array: unknown[] = [];
      copies.set(value, array);
      for (const item of value as unknown[]) {
        array.push(copy(item));
      }
      return array;
    }
    if (value instanceof MapOf) {
      const map = new MapOf<unknown, unknown>();
      copies.set(value, map);
      for (const [key, item] of value) {
        map.set(key, copy(item));
      }
      return map;
    }
    if (value instanceof SetOf) {
      const set = new SetOf<unknown>(value as Set<unknown>);
      copies.set(value, set);
      return set;
    }
    const object = create(getPrototypeOf(value) as object) as Record<string, unknown>;
    copies.set(value, object);
    // All that is found so is a field of its own: classes have no other things that can be enumerated.
    for (const key in value) {
      object[key] = copy((value as Record<string, unknown>)[key]);
    }
    return object;
  };
  return copy(root) as T;
}

/** The same text for states that differ in fresh names only. */
export function canonicalOf(root: object): string {
  const names = new MapOf<string, string>();
  const seen = new MapOf<object, number>();
  let text = '';
  const write = (value: unknown): void => {
    if (typeof value === 'number') {
      text += `${value},`;
    } else if (typeof value === 'string') {
      text += `${rename(names, value)},`;
    } else if (typeof value !== 'object' || value === null) {
      text += typeof value === 'function' ? 'f,' : `${toText(value)},`;
    } else if (!constants.has(value)) {
      writeObject(value);
    }
  };
  const writeObject = (value: object): void => {
    const before = seen.get(value);
    if (before !== undefined) {
      text += `^${before},`;
      return;
    }
    if (!isFrozen(value)) {
      seen.set(value, seen.size);
    }
    if (ListOf.isArray(value) || value instanceof MapOf || value instanceof SetOf) {
      writeItems(value as Iterable<unknown>);
    } else if (isBuffer(value)) {
      text += `${value.toString('latin1')},`;
    } else {
      text += '{';
      for (const key in value) {
        write((value as Record<string, unknown>)[key]);
      }
      text += '}';
    }
  };
  const writeItems = (items: Iterable<unknown>): void => {
    text += '[';
    for (const item of items) {
      if (ListOf.isArray(item)) {
        writeItems(item as unknown[]);
      } else {
        write(item);
      }
    }
    text += ']';
  };
  write(root);
  return text;
}

function rename(names: Map<string, string>, value: string): string {
  if (value.length < 2 || !FRESH_NAME.test(value)) {
    return value;
  }
  let name = names.get(value);
  if (name === undefined) {
    name = `${value[0]}#${names.size}`;
    names.set(value, name);
  }
  return name;
}
