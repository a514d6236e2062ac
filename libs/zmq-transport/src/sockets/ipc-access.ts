import { connect } from 'node:net';
import { missingRight } from '@app/transport-core';
import type { LoggerService } from '@nestjs/common';
import type { Socket } from 'zeromq';

const SCHEME = 'ipc://';

/**
 * Warns once when this process has no permission to connect to an ipc path, and again only after it could connect. libzmq keeps
 * trying silently, just as when nobody listens: its events do not tell the two apart. So at each of libzmq's tries this tries
 * the path too, until the reason is known.
 */
export function watchIpcAccess(
  socket: Socket,
  addresses: readonly string[],
  logger: Pick<LoggerService, 'warn'>,
): void {
  const told = new Set<string>();
  const asked = new Set<string>();
  const tryPath = (address: string): void => {
    const path = address.slice(SCHEME.length);
    asked.add(address);
    const attempt = connect({ path });
    attempt.once('connect', () => attempt.destroy());
    attempt.once('error', (error) => {
      const right = missingRight(path, Object.assign(error, { path }));
      if (right === undefined || socket.closed) return;
      told.add(address);
      logger.warn(`cannot connect to ${address}: ${right}; trying again`);
    });
    attempt.once('close', () => asked.delete(address));
    attempt.unref();
  };
  socket.events.on('connect:retry', ({ address }) => {
    const isOpen = addresses.includes(address) && !told.has(address) && !asked.has(address);
    if (isOpen && isPath(address)) tryPath(address);
  });
  socket.events.on('connect', ({ address }) => told.delete(address));
}

/** `ipc://@name` is no path, and needs no permission. */
function isPath(address: string): boolean {
  return address.startsWith(SCHEME) && !address.startsWith(`${SCHEME}@`);
}
