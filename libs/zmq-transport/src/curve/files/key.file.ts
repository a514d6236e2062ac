import { closeSync, constants, fstatSync, openSync, readFileSync, statSync } from 'node:fs';
import { decodeKey } from '../keys.js';

/** Certificates are a few lines; what is longer is something else. */
const MAX_BYTES = 16_384;

const OTHERS_MAY_USE = 0o077;
const OTHERS_MAY_WRITE = 0o022;

/** Takes a sentence about what is wrong; it never holds a key. */
export type OnFault = (fault: string) => void;

/** Reads one key file. `secret`: it holds a secret key, and nobody else may even read it. */
export function readKeyFile(
  path: string,
  kind: 'public' | 'secret',
  onFault: OnFault,
): { publicKey: string; secretKey: string } | undefined {
  const text = readPrivately(path, kind === 'secret' ? OTHERS_MAY_USE : OTHERS_MAY_WRITE, onFault);
  if (text === undefined) {
    return undefined;
  }
  const found = { public: keyIn(text, 'public-key'), secret: keyIn(text, 'secret-key') };
  const wanted = kind === 'secret' ? (['public', 'secret'] as const) : (['public'] as const);
  const wrong = wanted.filter((name) => decodeKey(found[name] ?? '') === undefined);
  for (const name of wrong) {
    const what = found[name] === undefined ? 'is missing' : 'is no key (40 characters of Z85)';
    onFault(`${path}: its ${name}-key ${what}`);
  }
  return wrong.length === 0 ? { publicKey: found.public ?? '', secretKey: found.secret ?? '' } : undefined;
}

/** The value of a line `name = "value"`, as ZeroMQ's certificates (CZMQ, pyzmq's `load_certificate`) have it. */
function keyIn(text: string, wanted: string): string | undefined {
  for (const line of text.split('\n')) {
    const at = line.indexOf('=');
    if (at !== -1 && line.slice(0, at).trim() === wanted) {
      return line
        .slice(at + 1)
        .trim()
        .replaceAll(/["']/g, '');
    }
  }
  return undefined;
}

/** Whether others may write into a folder that decides who comes in. */
export function checkFolder(path: string, onFault: OnFault): void {
  try {
    const stat = statSync(path);
    if (!stat.isDirectory()) {
      onFault(`${path} is no folder`);
    }
    checkMode(path, stat.mode, OTHERS_MAY_WRITE, onFault);
  } catch (error) {
    onFault(unreadable(path, error));
  }
}

/** Why a file or folder cannot be read, in a few words. */
export function unreadable(path: string, error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'ENOENT' ? `${path} is not there` : `${path} cannot be read (${String(code)})`;
}

function readPrivately(path: string, forbidden: number, onFault: OnFault): string | undefined {
  let file: number | undefined;
  try {
    // A pipe must not hold the start up. Links are followed: orchestrators mount secrets as links. What was looked at is
    // what is read: between two looks at a path, another file may take its place.
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stat = fstatSync(file);
    if (!stat.isFile() || stat.size > MAX_BYTES) {
      onFault(`${path} is no key file`);
      return undefined;
    }
    checkMode(path, stat.mode, forbidden, onFault);
    return readFileSync(file, 'utf8');
  } catch (error) {
    onFault(unreadable(path, error));
    return undefined;
  } finally {
    if (file !== undefined) {
      closeSync(file);
    }
  }
}

function checkMode(path: string, mode: number, forbidden: number, onFault: OnFault): void {
  if ((mode & forbidden) !== 0) {
    const what = forbidden === OTHERS_MAY_USE ? 'used' : 'changed';
    const modeText = (mode & 0o777).toString(8).padStart(4, '0');
    onFault(`${path} can be ${what} by group or others (mode ${modeText}): chmod go-rwx`);
  }
}
