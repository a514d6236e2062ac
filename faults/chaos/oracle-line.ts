/** - `send`: about to be sent
 *  - `accepted`: the promise was made: a 202, or stored on the producer's disk
 *  - `refused`: it was not taken
 *  - `unknown`: nobody can tell any more */
export type OracleWord = 'send' | 'accepted' | 'refused' | 'unknown';

/** One line: what is known of neighbouring numbers. */
export interface OracleEntry {
  readonly word: OracleWord;
  readonly first: number;
  readonly last: number;
}

/** A line of the file, without its end. */
export function oracleLine({ word, first, last }: OracleEntry): string {
  return `${word} ${first} ${last}`;
}

/** Reads a line that {@link oracleLine} has written. */
export function readOracleLine(line: string): OracleEntry {
  const [word, first, last] = line.split(' ');
  return { word: word as OracleWord, first: Number(first), last: Number(last) };
}
