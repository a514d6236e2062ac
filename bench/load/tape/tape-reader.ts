import { createReadStream } from 'node:fs';
import { tapeColumns, type TapeColumns } from './tape-columns.js';
import { parseTapeRow } from './tape-row.js';
import { TradeTape } from './trade-tape.js';

/** A tape that cannot be replayed: its message names the file, and each bad row by its line. */
export class TapeError extends Error {
  readonly code = 'ERR_LOAD_TAPE';
}

/** Enough faults to see what is wrong; a file in a wrong form has one in every row. */
const MAX_NAMED_FAULTS = 10;
const ZIP_MAGIC = 'PK\u0003\u0004';
const FORMS = 'a header that names time, quantity and side, Binance’s trade columns, or ts,side,qty';

function cellsOf(line: string): string[] {
  return line.split(',').map((cell) => cell.trim());
}

async function* linesOf(chunks: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  yield rest;
}

function recognise(name: string, line: string): { columns: TapeColumns; hasHeader: boolean } {
  if (line.startsWith(ZIP_MAGIC)) throw new TapeError(`${name} is a zip archive: unpack it first`);
  const form = tapeColumns(cellsOf(line));
  if (form === undefined) throw new TapeError(`${name} is not a tape: line 1 is not ${FORMS}`);
  return form;
}

/**
 * Reads a tape from its text, and checks every row before the first trade is sent.
 * @param name for messages
 * @throws {TapeError} naming the bad rows by line
 */
export async function readTape(name: string, chunks: AsyncIterable<string>): Promise<TradeTape> {
  const tape = new TradeTape();
  const faults: string[] = [];
  let form: ReturnType<typeof recognise> | undefined;
  let lineNumber = 0;
  for await (const raw of linesOf(chunks)) {
    lineNumber += 1;
    const line = (lineNumber === 1 ? raw.replace(/^\uFEFF/, '') : raw).trim();
    if (line === '') continue;
    if (form === undefined) {
      form = recognise(name, line);
      if (form.hasHeader) continue;
    }
    const row = parseTapeRow(cellsOf(line), form.columns);
    if (typeof row === 'string') faults.push(`line ${lineNumber}: ${row}`);
    else tape.add(row);
  }
  if (faults.length > 0) {
    const more = faults.length > MAX_NAMED_FAULTS ? [`and ${faults.length - MAX_NAMED_FAULTS} more`] : [];
    const named = [...faults.slice(0, MAX_NAMED_FAULTS), ...more].map((fault) => `\n  ${fault}`);
    throw new TapeError(`${name} has bad rows: ${faults.length}${named.join('')}`);
  }
  if (tape.count === 0) throw new TapeError(`${name} has no trades`);
  return tape;
}

/**
 * Reads a tape from a file.
 * @throws {TapeError} also when the file cannot be read
 */
export async function readTapeFile(file: string): Promise<TradeTape> {
  try {
    return await readTape(file, createReadStream(file, { encoding: 'utf8' }));
  } catch (error) {
    if (error instanceof TapeError) throw error;
    throw new TapeError(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}
