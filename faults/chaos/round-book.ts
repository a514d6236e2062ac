import type { OracleEntry } from './oracle-line.js';

/** What is known of the events of one round. */
export interface RoundBook {
  readonly accepted: ReadonlySet<number>;
  readonly refused: ReadonlySet<number>;
  /**
   * Events with an unknown outcome, in lanes: those of one request, or of one kill of the producer, in their order. A lane was
   * taken from its beginning up to some point, or not at all.
   */
  readonly unknownLanes: readonly (readonly number[])[];
}

function numbersOf({ first, last }: OracleEntry): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

function note(entries: readonly OracleEntry[], accepted: Set<number>, refused: Set<number>): void {
  for (const entry of entries) {
    const into = entry.word === 'accepted' ? accepted : entry.word === 'refused' ? refused : undefined;
    if (into !== undefined) for (const number of numbersOf(entry)) into.add(number);
  }
}

/** What was sent, line by line. */
function sends(entries: readonly OracleEntry[]): number[][] {
  return entries.filter(({ word }) => word === 'send').map(numbersOf);
}

/**
 * Builds a round from the lines of the oracle files.
 * @param posts of the HTTP posts: each line without an outcome is a lane of its own
 * @param direct of the direct producer: the events without an outcome when it was killed are one lane
 */
export function roundBook(posts: readonly OracleEntry[], direct: readonly OracleEntry[]): RoundBook {
  const accepted = new Set<number>();
  const refused = new Set<number>();
  note([...posts, ...direct], accepted, refused);
  const isOpen = (number: number): boolean => !accepted.has(number) && !refused.has(number);
  const lanes = [...sends(posts), sends(direct).flat()].map((lane) => lane.filter(isOpen));
  return { accepted, refused, unknownLanes: lanes.filter((lane) => lane.length > 0) };
}
