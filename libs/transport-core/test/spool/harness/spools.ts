import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  LmdbSpool,
  type LmdbSpoolOptions,
  MemorySpool,
  type Spool,
  type UnnumberedBatch,
} from '../../../src/index.js';

/** A folder that goes with the spec that made it. */
export function temporaryFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'zmq-spool-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** A batch of `count` events that carries its label as its payload. */
export function batch(label: string, count = 1, acceptedAtSeconds = 1000): UnnumberedBatch {
  return { count, payload: label, bytes: label.length, acceptedAtSeconds };
}

/** Reads all that waits, oldest first. */
export function contents(spool: Spool, from = 0): { first: number; payload: string }[] {
  const found: { first: number; payload: string }[] = [];
  for (let next = spool.readFrom(from); next !== undefined; next = spool.readFrom(next.first + next.count)) {
    found.push({ first: next.first, payload: next.payload.toString() });
  }
  return found;
}

/** Every kind of spool; the one on disk also with a window that holds next to nothing. */
export const SPOOLS: readonly [name: string, make: (directory: string) => Spool][] = [
  ['MemorySpool', () => new MemorySpool()],
  ['LmdbSpool', (directory) => new LmdbSpool({ directory })],
  ['LmdbSpool that keeps nothing in memory', (directory) => new LmdbSpool({ directory, windowBytes: 0 })],
];

/** Opens a spool on disk. */
export async function openLmdb(
  directory: string,
  options: Omit<LmdbSpoolOptions, 'directory'> = {},
): Promise<LmdbSpool> {
  const spool = new LmdbSpool({ directory, ...options });
  await spool.open();
  return spool;
}
