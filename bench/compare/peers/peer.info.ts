import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { BROKER_PROGRAMS, findProgram } from '../brokers/broker.programs.js';

/** What the report calls each peer. */
export const PEER_LABELS: Readonly<Record<string, string>> = {
  zmq: 'zmq-transport, @EventPattern',
  'zmq-batch': 'zmq-transport, @BatchEventPattern',
  'zmq-acknowledged': 'zmq-transport, acknowledged, @EventPattern',
  'zmq-durable': 'zmq-transport, spooled with flush, @EventPattern',
  'zmq-acknowledged-batch': 'zmq-transport, acknowledged, @BatchEventPattern',
  'zmq-durable-batch': 'zmq-transport, spooled with flush, @BatchEventPattern',
  'zmq-request': 'zmq-transport, DEALER/ROUTER',
  'zmq-request-ipc': 'zmq-transport, DEALER/ROUTER over ipc',
  bare: 'bare zeromq.js loop (the limit)',
  'bare-request': 'bare zeromq.js DEALER/ROUTER (the limit)',
  tcp: 'Nest TCP as shipped',
  'tcp-nodelay': 'Nest TCP, TCP_NODELAY by hand',
  nats: 'Nest NATS',
  redis: 'Nest Redis',
  mqtt: 'Nest MQTT',
  rabbitmq: 'Nest RabbitMQ',
  pyzmq: 'pyzmq asyncio (original design)',
};

/** Where `npm run bench:setup` puts the brokers' client packages, seen from the project's root. */
export const CLIENTS_FOLDER = join('bench', 'clients', 'node_modules');

/** The Python whose zmq module is used: Debian's first, since the module is Debian's too. */
export const PYTHON = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3';

/** Why a peer cannot run here, or undefined when it can. Nothing is skipped without its reason. */
export function missingFor(peer: string): string | undefined {
  if (peer === 'pyzmq') {
    const found = spawnSync(PYTHON, ['-c', 'import zmq.asyncio'], { stdio: 'ignore' });
    return found.status === 0 ? undefined : 'python3-zmq is not installed';
  }
  const broker = BROKER_PROGRAMS[peer];
  if (broker === undefined) return undefined;
  if (findProgram(broker.program) === undefined) return `${broker.program} is not installed`;
  const absent = broker.clients.filter((name) => !existsSync(join(CLIENTS_FOLDER, name)));
  return absent.length === 0 ? undefined : `${absent.join(', ')} not installed in bench/clients`;
}
