import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SocketPair } from '../../src/index.js';

export type Network = 'tcp' | 'ipc';

/** A socket pair over a network: one row of `describe.each`. */
export interface Wiring {
  readonly pair: SocketPair;
  readonly network: Network;
}

const NETWORKS: readonly Network[] = ['tcp', 'ipc'];
export const PAIRS: readonly SocketPair[] = ['push-pull', 'pub-sub', 'dealer-router'];

/** For what every pair does: events. */
export const EVERY_WIRING: readonly Wiring[] = PAIRS.flatMap((pair) =>
  NETWORKS.map((network) => ({ pair, network })),
);

/** For what needs a way back: requests. */
export const REQUEST_WIRINGS: readonly Wiring[] = EVERY_WIRING.filter(({ pair }) => pair === 'dealer-router');

let folder: string | undefined;
let sockets = 0;

afterAll(() => {
  if (folder !== undefined) {
    rmSync(folder, { recursive: true });
    folder = undefined;
  }
});

/** An address nobody has: a port the system finds, or a new socket file in a folder that is removed afterwards. */
export function freshBind(network: Network): string {
  if (network === 'tcp') {
    return 'tcp://127.0.0.1:*';
  }
  folder ??= mkdtempSync(join(tmpdir(), 'zmq-conformance-'));
  sockets += 1;
  return `ipc://${join(folder, `${sockets}.sock`)}`;
}
