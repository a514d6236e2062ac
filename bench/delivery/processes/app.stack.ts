import { AppProcess } from './app.process.js';
import { freePorts } from './free.ports.js';

/** Two apps boot in it on a machine that is busy with other things. */
const BOOT_TIMEOUT_MS = 40_000;
const PROBE_TIMEOUT_MS = 1_000;

/** Environment of one app. */
export type AppSettings = Readonly<Record<string, string>>;

/** What a pair of apps is started with. */
export interface StackSettings {
  readonly publisher: AppSettings;
  readonly sidecar: AppSettings;
}

/** Where a pair of apps listens. */
export interface StackPorts {
  readonly publisher: number;
  readonly sidecar: number;
  readonly zmq: number;
}

async function answersOk(url: string): Promise<boolean> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) });
    await answer.arrayBuffer();
    return answer.ok;
  } catch (error) {
    // Nobody listens yet: `fetch` says so by a TypeError, a late answer by a TimeoutError.
    if (error instanceof TypeError || (error instanceof Error && error.name === 'TimeoutError')) return false;
    throw error;
  }
}

/** The two built apps as real processes on ports of their own; each can be killed and started again where it was. */
export class AppStack {
  private running: { publisher?: AppProcess; sidecar?: AppProcess } = {};

  private constructor(
    readonly ports: StackPorts,
    private readonly settings: StackSettings,
  ) {}

  /** Chooses the ports; nothing is started yet. */
  static async prepare(settings: StackSettings): Promise<AppStack> {
    const [publisher = 0, sidecar = 0, zmq = 0] = await freePorts(3);
    return new AppStack({ publisher, sidecar, zmq }, settings);
  }

  get publisherUrl(): string {
    return `http://127.0.0.1:${this.ports.publisher}`;
  }

  get sidecarUrl(): string {
    return `http://127.0.0.1:${this.ports.sidecar}`;
  }

  /** Where the sidecar's ZeroMQ socket listens. */
  get zmqAddress(): string {
    return `tcp://127.0.0.1:${this.ports.zmq}`;
  }

  /** The process of an app that was started. */
  app(name: 'publisher' | 'sidecar'): AppProcess {
    const app = this.running[name];
    if (app === undefined) throw new Error(`${name} was not started`);
    return app;
  }

  /** Starts the sidecar, and returns when it receives. */
  async startSidecar(): Promise<void> {
    this.running.sidecar = this.launch('sidecar', {
      PORT: String(this.ports.sidecar),
      SIDECAR_ZMQ_BIND: this.zmqAddress,
      ...this.settings.sidecar,
    });
    await this.healthy(this.running.sidecar, this.sidecarUrl);
  }

  /**
   * Starts the publisher, and returns when it takes posts.
   * @param zmqAddress where it is to find the sidecar, when that is not the sidecar itself but a proxy before it
   * @param more settings beside those of the pair
   */
  async startPublisher(zmqAddress = this.zmqAddress, more: AppSettings = {}): Promise<void> {
    this.running.publisher = this.launch('publisher', {
      PORT: String(this.ports.publisher),
      WEBAPP_ZMQ_ADDR: zmqAddress,
      SIDECAR_HTTP_URL: this.sidecarUrl,
      ...this.settings.publisher,
      ...more,
    });
    await this.healthy(this.running.publisher, this.publisherUrl);
  }

  /** Stops both, the publisher first: it sends what it has. */
  async stop(): Promise<void> {
    await this.running.publisher?.stop();
    await this.running.sidecar?.stop();
  }

  private launch(name: 'publisher' | 'sidecar', settings: AppSettings): AppProcess {
    const shared = { HOST: '127.0.0.1', HTTP_RATE_LIMIT: '0' };
    const entry = `dist/apps/${name}/apps/${name}/src/main.js`;
    return new AppProcess(name, [entry], { ...shared, ...settings });
  }

  private healthy(app: AppProcess, url: string): Promise<void> {
    return app.until(`${url}/health`, () => answersOk(`${url}/health`), BOOT_TIMEOUT_MS);
  }
}
