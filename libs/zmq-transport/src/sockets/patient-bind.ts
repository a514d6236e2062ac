import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import type { Socket } from 'zeromq';
import { BindFailedError } from '../errors.js';

/** Longer than any socket of this library lingers by default. */
const PATIENCE_MS = 10_000;
const RETRY_MS = 10;

/** @returns where it is bound: a port that the system chose is told. @throws BindFailedError */
export async function bindFirst(socket: Socket, address: string): Promise<string> {
  await socket.bind(address).catch((error: unknown) => {
    throw new BindFailedError(address, error);
  });
  return socket.lastEndpoint ?? address;
}

/**
 * Binds an address that this process has just given up: libzmq frees it in a thread of its own, a little later.
 * @throws BindFailedError when it stays in use, or for any other reason
 */
export async function bindAgain(socket: Socket, address: string): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
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
