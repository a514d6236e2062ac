import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  type Stats,
  statfsSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { KeyFilesError } from '../errors.js';
import { type CurveKeyPair, decodeKey, publicKeyOf } from './keys.js';

/** A certificate has a few lines; a longer file is something else. */
const MAX_BYTES = 16_384;

const OTHERS_MAY_USE = 0o077;
const OTHERS_MAY_WRITE = 0o022;
const ANYBODY_MAY_WRITE = 0o222;
/** The kernel's number for file systems in memory. */
const TMPFS = 0x01021994;

/** Takes a sentence about what is wrong, which never contains a key. */
export type OnFault = (fault: string) => void;

/** Reads one key file. `secret`: it holds a secret key; warns once when other users may read it. */
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
    const what = found[name] === undefined ? 'is missing' : 'is not a key (40 characters of Z85)';
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

/** The folder decides which clients may connect: warns once when other users may write to it. */
export function checkFolder(path: string, onFault: OnFault): void {
  try {
    const stat = statSync(path);
    if (!stat.isDirectory()) {
      onFault(`${path} is not a folder`);
    }
    warnIfOpen(path, stat, OTHERS_MAY_WRITE);
  } catch (error) {
    onFault(unreadable(path, error));
  }
}

/** Why a file or folder cannot be read, in a few words. */
export function unreadable(path: string, error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'ENOENT' ? `${path} does not exist` : `${path} cannot be read (${String(code)})`;
}

function readPrivately(path: string, forbidden: number, onFault: OnFault): string | undefined {
  let file: number | undefined;
  try {
    // A pipe must not block the start. Links are followed: orchestrators mount secrets as links. The file is opened once, then
    // checked and read: another file may take its path in between.
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stat = fstatSync(file);
    if (!stat.isFile() || stat.size > MAX_BYTES) {
      onFault(`${path} is not a key file`);
      return undefined;
    }
    warnIfOpen(path, stat, forbidden);
    // Some editors write a byte order mark first.
    return readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
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
 * Orchestrators mount secrets as root's, with modes of their own (0440, 0444, folders of 0755 or 0777), and nobody in the
 * container can change them. So this warns only of files that are ours and on a disk, once for each mode.
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

/** Whether it looks like an orchestrator's mount: another user's, read-only, in memory, or behind Kubernetes' links. */
function isMounted(path: string, { uid, mode }: Stats): boolean {
  return (
    uid !== (process.geteuid?.() ?? uid) ||
    (mode & ANYBODY_MAY_WRITE) === 0 ||
    statfsSync(path).type === TMPFS ||
    realpathSync(path).includes('/..')
  );
}

/** The server's own pair: `server.key` in the folder. Its public half alone, for clients: `server.pub`. */
const SERVER_KEY = 'server.key';
const SERVER_PUBLIC_KEY = 'server.pub';
/** The clients' pairs, each `NAME.key`; not needed where the server runs. */
const CLIENTS = 'clients';
/** The allow-list: the client of each `NAME.pub` in it may connect. */
const ALLOWED = 'allowed';

/** What a server reads from a key folder. */
export interface ServerKeys {
  readonly keyPair: CurveKeyPair;
  readonly allowedClients: readonly string[];
}

/** What a client reads from a key folder. */
export interface ClientKeys {
  readonly keyPair: CurveKeyPair;
  readonly serverKey: string;
}

/**
 * Reads `server.key` and `allowed/*.pub`, in ZeroMQ's certificate format.
 * @throws KeyFilesError with everything that is wrong
 */
export function readServerKeys(folder: string): ServerKeys {
  return allOrFaults((onFault) => {
    const keyPair = readPair(join(folder, SERVER_KEY), onFault);
    const allowedClients = readAllowed(join(folder, ALLOWED), onFault);
    return keyPair && { keyPair, allowedClients };
  });
}

/**
 * Reads `clients/NAME.key` and `server.pub`, in ZeroMQ's certificate format.
 * @throws KeyFilesError with everything that is wrong
 */
export function readClientKeys(folder: string, name: string): ClientKeys {
  return allOrFaults((onFault) => {
    const keyPair = readPair(join(folder, CLIENTS, `${name}.key`), onFault);
    const server = readKeyFile(join(folder, SERVER_PUBLIC_KEY), 'public', onFault);
    return keyPair && server && { keyPair, serverKey: server.publicKey };
  });
}

/**
 * Whether `server.pub` names another key than the server has: then clients know the next key, and the server is about to change
 * to it. False when that file is not beside `server.key`.
 */
export function isServerKeyChanging(folder: string, current: CurveKeyPair): boolean {
  const told = readKeyFile(join(folder, SERVER_PUBLIC_KEY), 'public', () => undefined);
  return told !== undefined && told.publicKey !== current.publicKey;
}

function allOrFaults<T>(read: (onFault: OnFault) => T | undefined): T {
  const faults: string[] = [];
  const keys = read((fault) => faults.push(fault));
  if (keys === undefined || faults.length > 0) {
    throw new KeyFilesError(faults);
  }
  return keys;
}

function readPair(path: string, onFault: OnFault): CurveKeyPair | undefined {
  const pair = readKeyFile(path, 'secret', onFault);
  if (pair !== undefined && publicKeyOf(pair.secretKey) !== pair.publicKey) {
    onFault(`${path}: its public key does not match its secret key`);
  }
  return pair;
}

function readAllowed(folder: string, onFault: OnFault): string[] {
  checkFolder(folder, onFault);
  let names: string[];
  try {
    names = readdirSync(folder).filter((name) => name.endsWith('.pub'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
      onFault(unreadable(folder, error));
    }
    return [];
  }
  return names
    .toSorted()
    .flatMap((name) => readKeyFile(join(folder, name), 'public', onFault)?.publicKey ?? []);
}

/**
 * How often files are looked at, in milliseconds. It compares their contents, because file system events do not work
 * everywhere.
 */
const LOOK_INTERVAL_MS = 1000;

export interface KeyFilesWatchOptions<T> {
  /** Reads the keys, such as `() => readServerKeys(folder)`. */
  readonly read: () => T;
  /** The keys changed; `keys` has the new ones already. */
  readonly onChange: (keys: T) => Promise<unknown>;
  /** The files cannot be used now, or `onChange` failed; the current keys stay. Called once for each different fault. */
  readonly onFault: (error: unknown) => void;
  /** @default 1000 */
  readonly intervalMs?: number;
}

/** Keys from files that may change while the process runs. Its timer does not keep the process alive. */
export class KeyFilesWatch<T> {
  private current: T;
  private lastFault: string | undefined;
  private timer: NodeJS.Timeout | undefined;
  private applying = false;

  /** Reads the keys for the first time. @throws what `read` throws */
  constructor(private readonly options: KeyFilesWatchOptions<T>) {
    this.current = options.read();
  }

  get keys(): T {
    return this.current;
  }

  start(): void {
    this.timer ??= setInterval(() => void this.look(), this.options.intervalMs ?? LOOK_INTERVAL_MS).unref();
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private async look(): Promise<void> {
    if (this.applying) {
      return;
    }
    this.applying = true;
    try {
      const keys = this.options.read();
      if (JSON.stringify(keys) !== JSON.stringify(this.current)) {
        this.current = keys;
        await this.options.onChange(keys);
      }
      this.lastFault = undefined;
    } catch (error) {
      if (String(error) !== this.lastFault) {
        this.lastFault = String(error);
        this.options.onFault(error);
      }
    } finally {
      this.applying = false;
    }
  }
}
