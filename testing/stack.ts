import { freePorts } from './ports.js';
import { type Program, type ProgramOptions, ProgramScope } from './program.js';

/** Environment of one app. */
export type AppSettings = Readonly<Record<string, string>>;
/** One of the two apps. */
export type AppName = 'publisher' | 'sidecar';

/** Where one pair of apps is to listen. */
export interface StackAddresses {
  readonly publisherPort: number;
  readonly sidecarPort: number;
  readonly zmqPort: number;
  readonly publisherUrl: string;
  readonly sidecarUrl: string;
  readonly zmqAddress: string;
}

/** Long enough for two apps to start on a machine that is busy with other things. */
const BOOT_TIMEOUT_MS = 60_000;
const PROBE_TIMEOUT_MS = 5_000;

/** Addresses for a pair of apps, on ports that the operating system chose. */
export async function chooseAddresses(): Promise<StackAddresses> {
  const [publisherPort = 0, sidecarPort = 0, zmqPort = 0] = await freePorts(3);
  return {
    publisherPort,
    sidecarPort,
    zmqPort,
    publisherUrl: `http://127.0.0.1:${publisherPort}`,
    sidecarUrl: `http://127.0.0.1:${sidecarPort}`,
    zmqAddress: `tcp://127.0.0.1:${zmqPort}`,
  };
}

/** Where the build puts an app's main file, from the repository's root. */
export function entryOf(app: AppName): string {
  return `dist/apps/${app}/apps/${app}/src/main.js`;
}

/** Whether a route answers 200; false when nobody listens. */
export async function answersOk(url: string): Promise<boolean> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) });
    await answer.body?.cancel();
    return answer.status === 200;
  } catch {
    // Nobody listens yet, or the answer is late.
    return false;
  }
}

/** Waits until a started app is healthy. @throws with its output when it ends before */
export async function untilHealthy(app: Program, url: string): Promise<void> {
  await app.until(`${url}/health answering 200`, () => answersOk(`${url}/health`), BOOT_TIMEOUT_MS);
}

/** Starts the built sidecar, and returns when it is healthy. */
export async function startSidecar(
  scope: ProgramScope,
  at: StackAddresses,
  settings: AppSettings = {},
  options: ProgramOptions = {},
): Promise<Program> {
  const listen = { HOST: '127.0.0.1', PORT: String(at.sidecarPort), SIDECAR_ZMQ_BIND: at.zmqAddress };
  const sidecar = startApp(scope, 'sidecar', { ...listen, ...settings }, options);
  await untilHealthy(sidecar, at.sidecarUrl);
  return sidecar;
}

/** Starts the built publisher, and returns when it is healthy; it does not need a sidecar for that. */
export async function startPublisher(
  scope: ProgramScope,
  at: StackAddresses,
  settings: AppSettings = {},
  options: ProgramOptions = {},
): Promise<Program> {
  const listen = {
    HOST: '127.0.0.1',
    PORT: String(at.publisherPort),
    WEBAPP_ZMQ_ADDR: at.zmqAddress,
    SIDECAR_HTTP_URL: at.sidecarUrl,
  };
  const publisher = startApp(scope, 'publisher', { ...listen, ...settings }, options);
  await untilHealthy(publisher, at.publisherUrl);
  return publisher;
}

/** Starts one of the built apps, and returns at once. */
export function startApp(
  scope: ProgramScope,
  app: AppName,
  settings: AppSettings,
  options: ProgramOptions = {},
): Program {
  return scope.start(process.execPath, [entryOf(app)], settings, { name: app, ...options });
}

/** What a pair of apps is started with. */
export interface StackSettings {
  readonly publisher: AppSettings;
  readonly sidecar: AppSettings;
}

/** How much output is shown of an app that failed: a fault can make it log much. */
const KEPT = { keptCharacters: 4_000 };
const UNLIMITED = { HTTP_RATE_LIMIT: '0' };

/** Both built apps on ports of their own; each can be killed and started again at the same place. */
export class AppStack {
  private readonly scope = new ProgramScope();
  private readonly running: { publisher?: Program; sidecar?: Program } = {};

  private constructor(
    readonly at: StackAddresses,
    private readonly settings: StackSettings,
  ) {}

  /** Chooses the ports; nothing is started yet. */
  static async prepare(settings: StackSettings): Promise<AppStack> {
    return new AppStack(await chooseAddresses(), settings);
  }

  get publisherUrl(): string {
    return this.at.publisherUrl;
  }

  get sidecarUrl(): string {
    return this.at.sidecarUrl;
  }

  /** Where the sidecar's ZeroMQ socket listens. */
  get zmqAddress(): string {
    return this.at.zmqAddress;
  }

  /** The process of an app that was started. */
  app(name: AppName): Program {
    const app = this.running[name];
    if (app === undefined) throw new Error(`${name} was not started`);
    return app;
  }

  /** Starts the sidecar, and returns when it receives. */
  async startSidecar(): Promise<void> {
    const settings = { ...UNLIMITED, ...this.settings.sidecar };
    this.running.sidecar = await startSidecar(this.scope, this.at, settings, KEPT);
  }

  /**
   * Starts the publisher, and returns when it takes posts.
   * @param zmqAddress where to find the sidecar, when there is a link in front of it
   * @param more settings beside those of the pair
   */
  async startPublisher(zmqAddress = this.zmqAddress, more: AppSettings = {}): Promise<void> {
    const settings = { ...UNLIMITED, ...this.settings.publisher, ...more };
    this.running.publisher = await startPublisher(this.scope, { ...this.at, zmqAddress }, settings, KEPT);
  }

  /** Stops both, the publisher first: it sends what it has. */
  async stop(): Promise<void> {
    await this.running.publisher?.stop();
    await this.scope.dispose();
  }
}
