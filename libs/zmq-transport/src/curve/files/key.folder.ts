import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { KeyFilesError } from '../../errors.js';
import { type CurveKeyPair, publicKeyOf } from '../keys.js';
import { checkFolder, type OnFault, readKeyFile, unreadable } from './key.file.js';

/** The server's own pair: `server.key` in the folder. Its public half alone, for clients: `server.pub`. */
const SERVER_KEY = 'server.key';
const SERVER_PUBLIC_KEY = 'server.pub';
/** The clients' pairs, each `NAME.key`; not needed where the server runs. */
const CLIENTS = 'clients';
/** The allow-list: each `NAME.pub` in it may come in. */
const ALLOWED = 'allowed';

/** What a server needs of a key folder. */
export interface ServerKeys {
  readonly keyPair: CurveKeyPair;
  readonly allowedClients: readonly string[];
}

/** What a client needs of a key folder. */
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
    onFault(`${path}: its public key does not belong to its secret one`);
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
