/** Deeper than anything that stands for a name. Nest's normalization of a pattern stops at 5. */
const MAX_DEPTH = 16;

/** Whether the JSON of a decoded value has at most about so many characters. It looks at no more of the value than that. */
export function isWithin(root: unknown, characters: number): boolean {
  let left = characters;
  const take = (value: unknown, depth: number): boolean => {
    if (typeof value === 'string') {
      left -= value.length + 2;
    } else if (ArrayBuffer.isView(value)) {
      left -= value.byteLength;
    } else if (typeof value === 'object' && value !== null) {
      return depth < MAX_DEPTH && takeAll(value, depth);
    } else {
      left -= 4;
    }
    return left >= 0;
  };
  const takeAll = (value: object, depth: number): boolean => {
    left -= 2;
    for (const key in value) {
      left -= key.length + 3;
      if (left < 0 || !take((value as Record<string, unknown>)[key], depth + 1)) {
        return false;
      }
    }
    return left >= 0;
  };
  return take(root, 0);
}
