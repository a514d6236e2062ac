import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';

/** - `send`: about to be sent
 *  - `accepted`: the promise was made: a 202, or stored on the producer's disk
 *  - `refused`: it was not taken
 *  - `unknown`: whoever could tell is gone */
export type OracleWord = 'send' | 'accepted' | 'refused' | 'unknown';

/** One line: what is known of neighbouring numbers. */
export interface OracleEntry {
  readonly word: OracleWord;
  readonly first: number;
  readonly last: number;
}

/**
 * What was going to be sent, and what came of it, a line each. A line is with the operating system when `note` returns:
 * it outlives the process that wrote it, as a killed one's last lines must.
 */
export class OracleFile {
  private readonly descriptor: number;

  constructor(path: string) {
    this.descriptor = openSync(path, 'a', 0o600);
  }

  note({ word, first, last }: OracleEntry): void {
    writeSync(this.descriptor, `${word} ${first} ${last}\n`);
  }

  close(): void {
    closeSync(this.descriptor);
  }
}

/** Reads such a file. The last line of a process that was killed may be cut off; it is left out. */
export function readOracle(path: string): OracleEntry[] {
  const text = readFileSync(path, 'utf8');
  const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
  return lines.slice(0, -1).map((line) => {
    const [word, first, last] = line.split(' ');
    return { word: word as OracleWord, first: Number(first), last: Number(last) };
  });
}
