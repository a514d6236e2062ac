import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PYTHON } from '../peers/peer.info.js';

/** How a service is started, and the address that answers once it can be used. */
export interface ServiceProgram {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly readyUrl: string;
}

const BARE_POST = fileURLToPath(new URL('bare.post.main.js', import.meta.url));

/** The file that `npm run start:sidecar` and `start:publisher` run, built by `npm run build`. */
const builtApp = (name: string): string => resolve('dist', 'apps', name, 'apps', name, 'src', 'main.js');

const original = (name: string): string => resolve('bench', 'compare', 'services', `original.${name}.py`);

const baseUrl = (port: number): string => `http://127.0.0.1:${port}`;

/** The services that take events by ZeroMQ on one port, and are scraped on the other; by the peer's name. */
export const INTAKE_SERVICES: Readonly<
  Record<string, (zmqPort: number, httpPort: number) => ServiceProgram>
> = {
  sidecar: (zmqPort, httpPort) => ({
    command: process.execPath,
    args: [builtApp('sidecar')],
    env: { HOST: '127.0.0.1', PORT: `${httpPort}`, SIDECAR_ZMQ_BIND: `tcp://127.0.0.1:${zmqPort}` },
    readyUrl: `${baseUrl(httpPort)}/health`,
  }),
  'sidecar-original': (zmqPort, httpPort) => ({
    command: PYTHON,
    args: [original('sidecar'), `${zmqPort}`, `${httpPort}`],
    env: {},
    readyUrl: `${baseUrl(httpPort)}/metrics/`,
  }),
};

/** More than any of them can take: the limit is looked at for every post, and refuses none. */
const RATE_LIMIT_PER_SECOND = '10000000';

/** The services that take posts on one port, and send events to the other; by the peer's name. */
export const POST_SERVICES: Readonly<Record<string, (zmqPort: number, httpPort: number) => ServiceProgram>> =
  {
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
    'publisher-original': (zmqPort, httpPort) => ({
      command: PYTHON,
      args: [original('publisher'), `${zmqPort}`, `${httpPort}`],
      env: {},
      readyUrl: `${baseUrl(httpPort)}/health`,
    }),
  };
