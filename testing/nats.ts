import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { ScratchFolder } from './folder.js';
import { freePorts } from './ports.js';
import { Program } from './program.js';

export interface NatsServerOptions {
  /** @default true */
  readonly jetstream?: boolean;
  readonly user?: { readonly name: string; readonly password: string };
  /** Largest message, in bytes. @default the server's, 1 MiB */
  readonly maxPayload?: number;
  /** More lines of its configuration. */
  readonly lines?: readonly string[];
  /** @default one that the system chooses */
  readonly port?: number;
}

/** A nats-server for one test, with its files in its own folder. */
export class NatsServer {
  private readonly folder = new ScratchFolder('nats-');
  private program: Program | undefined;

  private constructor(
    private readonly options: NatsServerOptions,
    private readonly port: number,
  ) {}

  static async start(options: NatsServerOptions = {}): Promise<NatsServer> {
    const [port = 0] = options.port === undefined ? await freePorts(1) : [options.port];
    const server = new NatsServer(options, port);
    await server.start();
    return server;
  }

  get url(): string {
    return `nats://127.0.0.1:${this.port}`;
  }

  /** Starts it again after a stop, on the same port and with the same files. */
  async start(): Promise<void> {
    const { jetstream = true, user, maxPayload, lines = [] } = this.options;
    const file = join(this.folder.path, 'nats.conf');
    const store = JSON.stringify(join(this.folder.path, 'store'));
    const configuration = [
      `listen: "127.0.0.1:${this.port}"`,
      ...(jetstream ? [`jetstream: { store_dir: ${store} }`] : []),
      ...(user === undefined ? [] : [`authorization: { user: ${user.name}, password: ${user.password} }`]),
      ...(maxPayload === undefined ? [] : [`max_payload: ${maxPayload}`]),
      ...lines,
    ];
    writeFileSync(file, configuration.join('\n'));
    this.program = new Program('nats-server', ['-c', file], {}, { endsWithParent: true });
    await this.program.waitForOutput(/Server is ready/);
  }

  /** Ends it at once, like a crash, or by another signal. */
  async stop(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    await this.program?.stop(signal);
    this.program = undefined;
  }

  /** Answers nothing from now on, like a machine without power. */
  freeze(): void {
    this.program?.signal('SIGSTOP');
  }

  /** Goes on after a freeze. */
  thaw(): void {
    this.program?.signal('SIGCONT');
  }

  async dispose(): Promise<void> {
    await this.stop();
    this.folder.remove();
  }
}

const CLUSTER_SIZE = 3;

/** Three servers that know each other by their ports. */
export class NatsCluster {
  private constructor(private readonly servers: readonly NatsServer[]) {}

  static async start(): Promise<NatsCluster> {
    const ports = await freePorts(2 * CLUSTER_SIZE);
    const routePorts = ports.slice(CLUSTER_SIZE);
    const routes = JSON.stringify(routePorts.map((port) => `nats://127.0.0.1:${port}`));
    const servers = routePorts.map((routePort, index) =>
      NatsServer.start({
        port: ports[index] ?? 0,
        lines: [
          `server_name: server-${index}`,
          `cluster: { name: test, listen: "127.0.0.1:${routePort}", routes: ${routes} }`,
        ],
      }),
    );
    return new NatsCluster(await Promise.all(servers));
  }

  get urls(): string[] {
    return this.servers.map(({ url }) => url);
  }

  async kill(index: number): Promise<void> {
    await this.servers[index]?.stop();
  }

  async restart(index: number): Promise<void> {
    await this.servers[index]?.start();
  }

  async dispose(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.dispose()));
  }
}

/** A busy machine may take long. */
const ANSWER_TIMEOUT_MS = 10_000;

/** A program of its own that publishes, as one in any language would, and waits until the broker has each message. */
export class NatsProgram {
  private constructor(readonly connection: NatsConnection) {}

  static async connect(url: string): Promise<NatsProgram> {
    return new NatsProgram(await connect({ servers: url }));
  }

  /** @param message text as it is, anything else as JSON */
  async publish(subject: string, message: unknown): Promise<void> {
    const payload = typeof message === 'string' ? message : JSON.stringify(message);
    const answer: unknown = (
      await this.connection.request(subject, payload, { timeout: ANSWER_TIMEOUT_MS })
    ).json();
    if (typeof answer === 'object' && answer !== null && 'error' in answer) {
      throw new Error(`the broker does not take it: ${JSON.stringify(answer.error)}`);
    }
  }

  async close(): Promise<void> {
    await this.connection.close();
  }
}
