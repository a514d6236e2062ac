import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PROGRAM = 'nats-server';

/** Like `describe`, for tests that want a nats-server; without one they are skipped, and say why. */
export function describeWithNats(title: string, tests: () => void): void {
  if (spawnSync(PROGRAM, ['--version'], { stdio: 'ignore' }).status === 0) {
    describe(title, tests);
  } else {
    describe.skip(`${title} (skipped: ${PROGRAM} is not installed: apt-get install ${PROGRAM})`, tests);
  }
}

export interface NatsServerOptions {
  /** @default true */
  jetstream?: boolean;
  user?: { readonly name: string; readonly password: string };
  /** Largest message, in bytes. @default the server's, 1 MiB */
  maxPayload?: number;
  /** More lines of its configuration. */
  lines?: readonly string[];
  /** @default one that the system chooses */
  port?: number;
}

/** A nats-server of the test's own, on a port that the system chose, with its files in a folder of its own. */
export class NatsServer {
  readonly folder = mkdtempSync(join(tmpdir(), 'nats-'));
  private child: ChildProcess | undefined;
  private port: number;

  constructor(private readonly options: NatsServerOptions = {}) {
    this.port = options.port ?? -1;
  }

  static async start(options?: NatsServerOptions): Promise<NatsServer> {
    const server = new NatsServer(options);
    await server.start();
    return server;
  }

  get url(): string {
    return `nats://127.0.0.1:${this.port}`;
  }

  /** Starts it; after a stop on the same port and with the same files. */
  async start(): Promise<void> {
    const { jetstream = true, user, maxPayload, lines: more = [] } = this.options;
    const config = join(this.folder, 'nats.conf');
    const lines = [
      `listen: "127.0.0.1:${this.port}"`,
      ...(jetstream ? [`jetstream: { store_dir: ${JSON.stringify(join(this.folder, 'store'))} }`] : []),
      ...(user === undefined ? [] : [`authorization: { user: ${user.name}, password: ${user.password} }`]),
      ...(maxPayload === undefined ? [] : [`max_payload: ${maxPayload}`]),
      ...more,
    ];
    writeFileSync(config, lines.join('\n'));
    const child = spawn(PROGRAM, ['-c', config], { stdio: ['ignore', 'ignore', 'pipe'] });
    this.child = child;
    const said = await new Promise<string>((resolve, reject) => {
      let text = '';
      child.stderr.on('data', (chunk: Buffer) => {
        text += chunk.toString();
        if (text.includes('Server is ready')) {
          resolve(text);
        }
      });
      child.once('exit', (code) => reject(new Error(`nats-server ended with ${code}: ${text}`)));
      child.once('error', reject);
    });
    this.port = Number(/client connections on 127\.0\.0\.1:(\d+)/.exec(said)?.[1]);
  }

  /** Ends it as it is told to, or at once with SIGKILL. */
  async stop(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const { child } = this;
    if (child !== undefined && child.exitCode === null && child.signalCode === null) {
      child.kill(signal);
      await once(child, 'exit');
    }
    this.child = undefined;
  }

  async dispose(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const CLUSTER_SIZE = 3;

/** Three servers that know each other by their ports. */
export class NatsCluster {
  private constructor(private readonly servers: readonly NatsServer[]) {}

  static async start(): Promise<NatsCluster> {
    const ports = await freePorts(2 * CLUSTER_SIZE);
    const routes = ports.slice(CLUSTER_SIZE).map((port) => `nats://127.0.0.1:${port}`);
    const servers = routes.map(
      (_, index) =>
        new NatsServer({
          port: ports[index] as number,
          lines: [
            `server_name: server-${index}`,
            `cluster: { name: test, listen: "127.0.0.1:${ports[CLUSTER_SIZE + index]}", routes: ${JSON.stringify(routes)} }`,
          ],
        }),
    );
    await Promise.all(servers.map((server) => server.start()));
    return new NatsCluster(servers);
  }

  get urls(): string[] {
    return this.servers.map(({ url }) => url);
  }

  async kill(index: number): Promise<void> {
    await this.servers[index]?.stop('SIGKILL');
  }

  async restart(index: number): Promise<void> {
    await this.servers[index]?.start();
  }

  async dispose(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.dispose()));
  }
}

/** Ports that were free a moment ago, all held until the last was found. */
async function freePorts(count: number): Promise<number[]> {
  const holders = await Promise.all(
    Array.from({ length: count }, async () => {
      const holder = createServer().listen(0, '127.0.0.1');
      await once(holder, 'listening');
      return holder;
    }),
  );
  const ports = holders.map((holder) => (holder.address() as AddressInfo).port);
  await Promise.all(
    holders.map(async (holder) => {
      holder.close();
      await once(holder, 'close');
    }),
  );
  return ports;
}
