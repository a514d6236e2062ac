import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import getPort from 'get-port';

/** Ports that were given out lately, by all test processes of this machine. */
const CLAIMS = join(tmpdir(), 'trading-telemetry-ports');
/** After this time a program either holds its port or will never take it. */
const CLAIM_MS = 60_000;

/** Takes a port for this caller, unless another caller got it a moment ago. */
function claim(port: number): boolean {
  mkdirSync(CLAIMS, { recursive: true });
  const file = join(CLAIMS, String(port));
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  if (Date.now() - statSync(file).mtimeMs < CLAIM_MS) return false;
  writeFileSync(file, String(process.pid));
  return true;
}

/**
 * A port of the loopback that the operating system chose, for a program that cannot be asked which one it got. Between the
 * choice and the program's own `listen` the port is free: the claim keeps test processes that run side by side apart.
 */
export async function freePort(): Promise<number> {
  const port = await getPort({ host: '127.0.0.1' });
  return claim(port) ? port : freePort();
}

/** Several of them, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  while (ports.length < count) ports.push(await freePort());
  return ports;
}

/** The port that a TCP server has got. */
export function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a numeric port');
  return address.port;
}

/** Opens a server on a port that the operating system chooses. */
export async function listen(server: Server = createServer()): Promise<Server> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
  return server;
}

/** Holds a port, as another program would, until `close` is called. */
export async function occupyPort(): Promise<{ port: number; close: () => Promise<void> }> {
  const server = await listen();
  return {
    port: portOf(server),
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}
