import { lstat } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import type { Socket } from 'zeromq';
import { BindFailedError } from '../errors.js';
import { prepareFor } from './endpoints.js';

/** Longer than any socket of this library lingers by default. */
const PATIENCE_MS = 10_000;
const RETRY_MS = 10;

/**
 * Binds an address for the first time. libzmq removes whatever stands at the path of an ipc address, and takes its place:
 * another server would never get a message again, and a file would be gone. So it is looked at before.
 * @returns where it is bound: a port that the system chose is told
 * @throws BindFailedError
 */
export async function bindFirst(socket: Socket, address: string): Promise<string> {
  try {
    const path = address.startsWith('ipc://') ? address.slice('ipc://'.length) : '*';
    // The system itself keeps names that are no path (`@name`) to one owner; `*` is a path that is made for us.
    if (path !== '*' && !path.startsWith('@')) await assertUnused(path);
    prepareFor(socket, address);
    await socket.bind(address);
  } catch (error) {
    throw new BindFailedError(address, error);
  }
  return socket.lastEndpoint ?? address;
}

async function assertUnused(path: string): Promise<void> {
  const stats = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (stats === undefined) return;
  if (!stats.isSocket())
    throw Object.assign(new Error('there is another file at its path'), { code: 'EEXIST' });
  if (await isListenedOn(path)) {
    throw Object.assign(new Error('Address already in use'), { code: 'EADDRINUSE' });
  }
}

/** Nobody listens on what a process left behind that ended without removing it. */
function isListenedOn(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = createConnection(path);
    connection.once('connect', () => {
      connection.destroy();
      resolve(true);
    });
    connection.once('error', ({ code }: NodeJS.ErrnoException) => {
      resolve(code !== 'ECONNREFUSED' && code !== 'ENOENT');
    });
  });
}

/**
 * Binds an address that this process has just given up: libzmq frees it in a thread of its own, a little later.
 * @throws BindFailedError when it stays in use, or for any other reason
 */
export async function bindAgain(socket: Socket, address: string): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      prepareFor(socket, address);
      await socket.bind(address);
      return;
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'EADDRINUSE' || performance.now() > deadline) {
        throw new BindFailedError(address, error);
      }
    }
    await delay(RETRY_MS);
  }
}
