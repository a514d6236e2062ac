import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { type OracleEntry, oracleLine, readOracleLine } from './oracle-line.js';

/**
 * What was going to be sent, and its outcome, a line each. When `note` returns, the operating system has the line, so that it
 * survives a kill of the process that wrote it.
 */
export class OracleFile {
  private readonly descriptor: number;

  constructor(path: string) {
    this.descriptor = openSync(path, 'a', 0o600);
  }

  note(entry: OracleEntry): void {
    writeSync(this.descriptor, `${oracleLine(entry)}\n`);
  }

  close(): void {
    closeSync(this.descriptor);
  }
}

/** Reads such a file. The last line of a process that was killed may be cut off; it is left out. */
export function readOracle(path: string): OracleEntry[] {
  const text = readFileSync(path, 'utf8');
  const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
  return lines.slice(0, -1).map(readOracleLine);
}
