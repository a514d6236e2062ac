/** The invisible character that some editors put before a text in UTF-8. */
const BYTE_ORDER_MARK = '\uFEFF';

/** The text without the byte order mark that some editors put before it. */
export function withoutByteOrderMark(text: string): string {
  return text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
}

/** How many changes of one letter turn one name into the other (Levenshtein). */
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

/** The name that was probably meant: the nearest one, if at most half of its letters differ; otherwise undefined. */
export function nearestName(name: string, names: readonly string[]): string | undefined {
  const wanted = name.toUpperCase();
  const [nearest] = names
    .map((candidate) => ({ candidate, changes: distance(wanted, candidate.toUpperCase()) }))
    .sort((a, b) => a.changes - b.changes);
  return nearest !== undefined && nearest.changes <= Math.max(1, wanted.length / 2)
    ? nearest.candidate
    : undefined;
}
