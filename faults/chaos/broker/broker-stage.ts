import { join } from 'node:path';
import { ScratchFolder } from '../../../testing/folder.js';
import { NatsServer } from '../../../testing/nats.js';
import { freePort } from '../../../testing/ports.js';
import { type Program, ProgramScope } from '../../../testing/program.js';
import {
  type AppSettings,
  chooseAddresses,
  type StackAddresses,
  startApp,
  startPublisher,
  untilHealthy,
} from '../../../testing/stack.js';

/** Longer than a killed broker needs to come back, so that most waiting posts see their event stored. */
const STORED_TIMEOUT_MS = 8_000;
const KEPT = { keptCharacters: 4_000 };
const PARTITIONS = 8;
const UNLIMITED = { HTTP_RATE_LIMIT: '0', HTTP_SCRAPE_LIMIT: '0', LOG_LEVEL: 'warn' };

/** A sidecar behind the broker. */
export interface Counter {
  readonly url: string;
  readonly program: Program;
}

/** A nats-server, a publisher with a spool, and sidecars that share the partitions. */
export class BrokerStage {
  /** By the index of their shard. */
  sidecars: Counter[] = [];
  private publisher: Program | undefined;
  private readonly scope = new ProgramScope();
  private isKept = false;

  private constructor(
    readonly folder: ScratchFolder,
    readonly nats: NatsServer,
    private readonly at: StackAddresses,
  ) {}

  static async start(count: number): Promise<BrokerStage> {
    const folder = new ScratchFolder('trading-chaos-');
    const stage = new BrokerStage(folder, await NatsServer.start(), await chooseAddresses());
    try {
      await Promise.all([stage.startSidecars(count), stage.startPublisher()]);
    } catch (error) {
      await stage.close();
      throw error;
    }
    return stage;
  }

  get publisherUrl(): string {
    return this.at.publisherUrl;
  }

  async startPublisher(): Promise<void> {
    const settings = {
      ...this.broker,
      DELIVERY: 'durable',
      SPOOL_DIR: join(this.folder.path, 'spool'),
      APPLIED_TIMEOUT_MS: String(STORED_TIMEOUT_MS),
      // One link only.
      WEBAPP_ZMQ_ADDR: '',
    };
    this.publisher = await startPublisher(this.scope, this.at, settings, KEPT);
  }

  async killPublisher(): Promise<void> {
    await this.publisher?.kill();
  }

  /** Starts a sidecar on this shard; it is healthy when it owns its partitions. */
  async startSidecar(index: number, count: number): Promise<Counter> {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const settings = {
      ...this.broker,
      HOST: '127.0.0.1',
      PORT: String(port),
      SIDECAR_SHARD: `${index}/${count}`,
    };
    const program = startApp(this.scope, 'sidecar', settings, KEPT);
    await untilHealthy(program, url);
    return { url, program };
  }

  /** Starts all of them anew, sharing by `count`. */
  async startSidecars(count: number): Promise<void> {
    this.sidecars = await Promise.all(
      Array.from({ length: count }, (_, index) => this.startSidecar(index, count)),
    );
  }

  /** Ends all processes and removes the spool and the oracle file, unless the folder is to be kept. */
  async close(): Promise<void> {
    for (const { program } of this.sidecars) program.signal('SIGCONT');
    await this.scope.dispose();
    await this.nats.dispose();
    if (!this.isKept) this.folder.remove();
  }

  /** Keeps the spool and the oracle file for inspection. */
  keepFolder(): void {
    if (this.isKept) return;
    this.isKept = true;
    this.folder.keep();
    console.log(`oracle file and spool: ${this.folder.path}`);
  }

  private get broker(): AppSettings {
    return { ...UNLIMITED, NATS_URL: this.nats.url, NATS_PARTITIONS: String(PARTITIONS) };
  }
}
