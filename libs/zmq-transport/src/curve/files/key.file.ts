import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readFileSync,
  realpathSync,
  type Stats,
  statfsSync,
  statSync,
} from 'node:fs';
import { Logger } from '@nestjs/common';
import { decodeKey } from '../z85.js';

/** Certificates are a few lines; what is longer is something else. */
const MAX_BYTES = 16_384;

const OTHERS_MAY_USE = 0o077;
const OTHERS_MAY_WRITE = 0o022;
const ANYBODY_MAY_WRITE = 0o222;
/** The kernel's number for file systems in memory. */
const TMPFS = 0x01021994;

/** Takes a sentence about what is wrong; it never holds a key. */
export type OnFault = (fault: string) => void;

/** Reads one key file. `secret`: it holds a secret key, which nobody else should even read: one warning when they may. */
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

/** Others should not write into a folder that decides who comes in: one warning when they may. */
export function checkFolder(path: string, onFault: OnFault): void {
  try {
    const stat = statSync(path);
    if (!stat.isDirectory()) {
      onFault(`${path} is no folder`);
    }
    warnIfOpen(path, stat, OTHERS_MAY_WRITE);
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
    warnIfOpen(path, stat, forbidden);
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

const warned = new Set<string>();

/**
 * Orchestrators mount secrets with modes of their own (0440, 0444, folders of 0755 or 0777), as root's, and nobody in the
 * container can change them: only of what is ours and lies on a disk there is something to say, once for each mode.
 */
function warnIfOpen(path: string, stat: Stats, forbidden: number): void {
  if ((stat.mode & forbidden) === 0 || isMounted(path, stat)) {
    return;
  }
  const what = forbidden === OTHERS_MAY_USE ? 'used' : 'changed';
  const modeText = (stat.mode & 0o7777).toString(8).padStart(4, '0');
  const line = `${path} can be ${what} by group or others (mode ${modeText}): chmod go-rwx '${path}'`;
  if (!warned.has(line)) {
    warned.add(line);
    new Logger('keys').warn(line);
  }
}

/** Whether it looks like what an orchestrator mounts: another user's, written by nobody, in memory, or behind Kubernetes' links. */
function isMounted(path: string, { uid, mode }: Stats): boolean {
  return (
    uid !== (process.geteuid?.() ?? uid) ||
    (mode & ANYBODY_MAY_WRITE) === 0 ||
    statfsSync(path).type === TMPFS ||
    realpathSync(path).includes('/..')
  );
}
