import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PYTHON } from '../peers/peer-info.js';

/** How to start a service, and the address that answers once it is ready. */
export interface ServiceProgram {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly readyUrl: string;
}

const BARE_POST = fileURLToPath(new URL('bare-post-main.js', import.meta.url));

/** The file that `npm run start:sidecar` and `start:publisher` run, built by `npm run build`. */
const builtApp = (name: string): string => resolve('dist', 'apps', name, 'apps', name, 'src', 'main.js');

const baseUrl = (port: number): string => `http://127.0.0.1:${port}`;

/** Makes the program of a service that speaks ZeroMQ on one port and HTTP on the other. */
type ProgramOf = (zmqPort: number, httpPort: number) => ServiceProgram;

/** How uvicorn runs: with its own package alone, or with the two packages that make it fast, if they are installed. */
const PLAIN = ['asyncio', 'h11'] as const;
const FAST = ['uvloop', 'httptools'] as const;

function original(app: 'sidecar' | 'publisher', readyPath: string, uvicorn: readonly string[]): ProgramOf {
  const script = resolve('bench', 'compare', 'services', `original.${app}.py`);
  return (zmqPort, httpPort) => ({
    command: PYTHON,
    args: [script, `${zmqPort}`, `${httpPort}`, ...uvicorn],
    env: {},
    readyUrl: `${baseUrl(httpPort)}${readyPath}`,
  });
}

/** The services that take events by ZeroMQ, and are scraped by HTTP; by the peer's name. */
export const INTAKE_SERVICES: Readonly<Record<string, ProgramOf>> = {
  sidecar: (zmqPort, httpPort) => ({
    command: process.execPath,
    args: [builtApp('sidecar')],
    env: { HOST: '127.0.0.1', PORT: `${httpPort}`, SIDECAR_ZMQ_BIND: `tcp://127.0.0.1:${zmqPort}` },
    readyUrl: `${baseUrl(httpPort)}/health`,
  }),
  'sidecar-original': original('sidecar', '/metrics/', PLAIN),
  'sidecar-original-uvloop': original('sidecar', '/metrics/', FAST),
};

/** Kept in this folder. */
type AppliedProgramOf = (port: number, httpPort: number, folder: string) => ServiceProgram;

function appliedBy(linkOf: (port: number, folder: string) => NodeJS.ProcessEnv): AppliedProgramOf {
  return (port, httpPort, folder) => ({
    command: process.execPath,
    args: [builtApp('sidecar')],
    env: { HOST: '127.0.0.1', PORT: `${httpPort}`, ...linkOf(port, folder) },
    readyUrl: `${baseUrl(httpPort)}/health`,
  });
}

/** The sidecar behind both links that acknowledge, with counts that outlive it; by the peer's name. */
export const APPLIED_SERVICES: Readonly<Record<string, AppliedProgramOf>> = {
  'applied-acknowledged': appliedBy((port, folder) => ({
    DELIVERY: 'acknowledged',
    SIDECAR_ZMQ_BIND: `tcp://127.0.0.1:${port}`,
    SIDECAR_STATE_DIR: folder,
  })),
  'applied-in-memory': appliedBy((port) => ({
    DELIVERY: 'acknowledged',
    SIDECAR_ZMQ_BIND: `tcp://127.0.0.1:${port}`,
  })),
  // The broker keeps the counts.
  'applied-jetstream': appliedBy((port) => ({ NATS_URL: `nats://127.0.0.1:${port}` })),
};

/** More than any of them can take: the limit is checked for every post, and refuses none. */
const RATE_LIMIT_PER_SECOND = '10000000';

/** The services that take posts by HTTP, and send events by ZeroMQ; by the peer's name. */
export const POST_SERVICES: Readonly<Record<string, ProgramOf>> = {
  publisher: (zmqPort, httpPort) => ({
    command: process.execPath,
    args: [builtApp('publisher')],
    env: {
      HOST: '127.0.0.1',
      PORT: `${httpPort}`,
      WEBAPP_ZMQ_ADDR: `tcp://127.0.0.1:${zmqPort}`,
      HTTP_RATE_LIMIT: RATE_LIMIT_PER_SECOND,
    },
    readyUrl: `${baseUrl(httpPort)}/health`,
  }),
  'publisher-bare': (zmqPort, httpPort) => ({
    command: process.execPath,
    args: [BARE_POST, `${zmqPort}`, `${httpPort}`],
    env: {},
    readyUrl: `${baseUrl(httpPort)}/health`,
  }),
  'publisher-original': original('publisher', '/health', PLAIN),
  'publisher-original-uvloop': original('publisher', '/health', FAST),
};
