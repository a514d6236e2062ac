import { lstat } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import type { Socket } from 'zeromq';
import { BindFailedError } from '../errors.js';
import { prepareFor } from './endpoints.js';

/** Longer than the default linger of this library's sockets. */
const PATIENCE_MS = 10_000;
const RETRY_MS = 10;
/** Tries until libzmq tells why an address cannot be bound. */
const TELLING_TRIES = 100;

/**
 * Binds an address for the first time. libzmq deletes whatever is at the path of an ipc address and takes its place: another
 * server would get no more messages, or a file would be gone. So this checks the path first.
 * @returns where it is bound, with the port that the system chose
 * @throws BindFailedError
 */
export async function bindFirst(socket: Socket, address: string): Promise<string> {
  try {
    const path = address.startsWith('ipc://') ? address.slice('ipc://'.length) : '*';
    // The system itself gives names that are no path (`@name`) to one owner only; for `*` it makes a new path.
    if (path !== '*' && !path.startsWith('@')) await assertUnused(path);
    await bind(socket, address);
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

/** False for a socket file left by a process that ended without removing it: nobody listens there. */
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
 * Binds an address that this process has just given up: libzmq frees it a little later, in its own thread.
 * @throws BindFailedError when it stays in use, or for any other reason
 */
export async function bindAgain(socket: Socket, address: string): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      await bind(socket, address);
      return;
    } catch (error) {
      if (codeOf(error) !== 'EADDRINUSE' || performance.now() > deadline) {
        throw new BindFailedError(address, error);
      }
    }
    await delay(RETRY_MS);
  }
}

/**
 * libzmq 4.3.5 tells the socket's monitor of a failure before it returns, and one time in a hundred what it does there overwrites
 * the cause with EAGAIN. Another try fails for the same cause.
 */
async function bind(socket: Socket, address: string): Promise<void> {
  for (let triesLeft = TELLING_TRIES; ; triesLeft -= 1) {
    try {
      prepareFor(socket, address);
      await socket.bind(address);
      return;
    } catch (error) {
      if (codeOf(error) !== 'EAGAIN' || triesLeft === 0) throw error;
    }
  }
}

function codeOf(error: unknown): unknown {
  return (error as { code?: unknown }).code;
}
