/** The character that some editors put in front of a text in UTF-8: it is not seen, and no part of what was written. */
const BYTE_ORDER_MARK = '\uFEFF';

/** A text as it was written: without the byte order mark that some editors put in front. */
export function withoutByteOrderMark(text: string): string {
  return text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
}

/** How many changes of one letter make one name of another (Levenshtein). */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [position, letter] of [...from].entries()) {
    const next = [position + 1];
    for (const [index, other] of [...to].entries()) {
      const changed = (row[index] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(changed, (row[index + 1] ?? 0) + 1, (next[index] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

/** The name that was probably meant: the one with the fewest different letters, at most half; undefined when none is near. */
export function nearestName(name: string, names: readonly string[]): string | undefined {
  const wanted = name.toUpperCase();
  const [nearest] = names
    .map((candidate) => ({ candidate, changes: distance(wanted, candidate.toUpperCase()) }))
    .sort((a, b) => a.changes - b.changes);
  return nearest !== undefined && nearest.changes <= Math.max(1, wanted.length / 2)
    ? nearest.candidate
    : undefined;
}
