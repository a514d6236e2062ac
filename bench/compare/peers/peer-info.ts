import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { BROKER_PROGRAMS, findProgram } from '../brokers/broker-programs.js';

/** What the report calls each peer. */
export const PEER_LABELS: Readonly<Record<string, string>> = {
  sidecar: 'the built sidecar',
  'sidecar-bare': 'bare zeromq.js PULL with JSON.parse (the limit)',
  'sidecar-original': 'original sidecar: pyzmq, pydantic, prometheus_client',
  'sidecar-original-uvloop': 'original sidecar on uvloop',
  publisher: 'the built publisher',
  'publisher-bare': 'bare Fastify route and PUSH (the limit)',
  'publisher-original': 'original publisher: FastAPI, pydantic, pyzmq',
  'publisher-original-uvloop': 'original publisher on uvloop and httptools',
  emit: "emit, the contract's codec",
  'applied-acknowledged': 'ZmqClient to the built sidecar, acknowledged, counts kept',
  'applied-in-memory': 'ZmqClient to the built sidecar, acknowledged, counts in memory',
  'applied-jetstream': 'JetStreamClient to the built sidecar, counts kept',
  'emit-prom-client': 'prom-client in the same process',
  'emit-hot-shots': 'hot-shots, StatsD over UDP',
  zmq: 'zmq-transport, @EventPattern',
  'zmq-batch': 'zmq-transport, @BatchEventPattern',
  'zmq-acknowledged': 'zmq-transport, acknowledged, @EventPattern',
  'zmq-durable': 'zmq-transport, spooled with flush, @EventPattern',
  'zmq-acknowledged-batch': 'zmq-transport, acknowledged, @BatchEventPattern',
  'zmq-durable-batch': 'zmq-transport, spooled with flush, @BatchEventPattern',
  'jetstream-batch': 'jetstream-transport, stored on disk, @BatchEventPattern',
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

/** The figures that compare peers, and the peers of each, in order. */
export const FIGURE_PEERS = {
  intake: ['sidecar', 'sidecar-bare', 'sidecar-original', 'sidecar-original-uvloop'],
  posts: ['publisher', 'publisher-bare', 'publisher-original', 'publisher-original-uvloop'],
  emit: ['emit', 'emit-prom-client', 'emit-hot-shots'],
  applied: ['applied-acknowledged', 'applied-in-memory', 'applied-jetstream'],
  'one-way': [
    'zmq',
    'zmq-batch',
    'zmq-acknowledged',
    'zmq-durable',
    'zmq-acknowledged-batch',
    'zmq-durable-batch',
    'jetstream-batch',
    'bare',
    'tcp',
    'nats',
    'redis',
    'mqtt',
    'rabbitmq',
    'pyzmq',
  ],
  latency: ['zmq', 'zmq-batch', 'bare', 'tcp'],
  requests: ['zmq-request', 'zmq-request-ipc', 'bare-request', 'tcp', 'tcp-nodelay'],
} as const satisfies Record<string, readonly string[]>;

/** One of {@link FIGURE_PEERS}. */
export type ComparedFigure = keyof typeof FIGURE_PEERS;

/** What `--only product` means: the two apps and the peers that they are compared with. */
export const PRODUCT_PEERS: readonly string[] = [
  ...FIGURE_PEERS.intake,
  ...FIGURE_PEERS.posts,
  ...FIGURE_PEERS.emit,
];

/** Where `npm run bench:setup` puts the brokers' client packages, seen from the project's root. */
export const CLIENTS_FOLDER = join('bench', 'clients', 'node_modules');

/** The Python whose zmq module is used: Debian's first, since the module is Debian's too. */
export const PYTHON = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3';

/** The npm packages in that folder that peers without a broker load. */
export const CLIENT_PEERS: Readonly<Record<string, readonly string[]>> = { 'emit-hot-shots': ['hot-shots'] };

const ORIGINAL_SIDECAR = {
  fastapi: 'python3-fastapi',
  uvicorn: 'python3-uvicorn',
  pydantic: 'python3-pydantic',
  prometheus_client: 'python3-prometheus-client',
  'zmq.asyncio': 'python3-zmq',
};
const ORIGINAL_PUBLISHER = {
  fastapi: 'python3-fastapi',
  uvicorn: 'python3-uvicorn',
  pydantic: 'python3-pydantic',
  multipart: 'python3-multipart',
  'zmq.asyncio': 'python3-zmq',
};
const FAST_UVICORN = { uvloop: 'python3-uvloop', httptools: 'python3-httptools' };

/** What a peer in Python imports, each with Debian's package. */
const PYTHON_MODULES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  pyzmq: { 'zmq.asyncio': 'python3-zmq' },
  'sidecar-original': ORIGINAL_SIDECAR,
  'sidecar-original-uvloop': { ...ORIGINAL_SIDECAR, ...FAST_UVICORN },
  'publisher-original': ORIGINAL_PUBLISHER,
  'publisher-original-uvloop': { ...ORIGINAL_PUBLISHER, ...FAST_UVICORN },
};

function imports(module: string): boolean {
  return spawnSync(PYTHON, ['-c', `import ${module}`], { stdio: 'ignore' }).status === 0;
}

function missingInPython(modules: Readonly<Record<string, string>>): string | undefined {
  // One interpreter checks all modules; only if one is missing does it check each, to name it.
  if (imports(Object.keys(modules).join(', '))) return undefined;
  const absent = Object.entries(modules).filter(([module]) => !imports(module));
  return `not installed: ${absent.map(([, debianPackage]) => debianPackage).join(', ')}`;
}

/** Why a peer cannot run here; undefined when it can. No peer is skipped without a reason. */
export function missingFor(peer: string): string | undefined {
  const modules = PYTHON_MODULES[peer];
  if (modules !== undefined) return missingInPython(modules);
  const broker = BROKER_PROGRAMS[peer];
  if (broker !== undefined && findProgram(broker.program) === undefined) {
    return `${broker.program} is not installed`;
  }
  const clients = broker?.clients ?? CLIENT_PEERS[peer] ?? [];
  const absent = clients.filter((name) => !existsSync(join(CLIENTS_FOLDER, name)));
  return absent.length === 0 ? undefined : `${absent.join(', ')} not installed in bench/clients`;
}
