import { type Program } from '../../../testing/program.js';
import { type AppName, chooseAddresses, type StackAddresses } from '../../../testing/stack.js';
import type { BuiltImage, Container, ContainerEngine, Mount } from './container-engine.js';

/** What both containers of a pair are started with. */
export interface PairPlan {
  readonly settings: Readonly<Record<string, string>>;
  readonly mounts: Readonly<Record<AppName, readonly Mount[]>>;
}

/** Longer than any drain here: what has not ended by then never will. */
const GRACE_MS = 90_000;
/** How much of what an app wrote is shown. */
const KEPT_CHARACTERS = 2_000;

/** Both apps in containers of their images, on ports that the operating system chose. */
export class ContainerPair {
  private readonly containers: Partial<Record<AppName, Container>> = {};

  private constructor(
    private readonly engine: ContainerEngine,
    private readonly images: readonly BuiltImage[],
    private readonly plan: PairPlan,
    readonly at: StackAddresses,
  ) {}

  /** Chooses the ports; nothing is started yet. */
  static async prepare(
    engine: ContainerEngine,
    images: readonly BuiltImage[],
    plan: PairPlan,
  ): Promise<ContainerPair> {
    return new ContainerPair(engine, images, plan, await chooseAddresses());
  }

  of(app: AppName): Container {
    const container = this.containers[app];
    if (container === undefined) throw new Error(`the ${app} was not started`);
    return container;
  }

  program(app: AppName): Program {
    return this.of(app).program;
  }

  /** Starts an app's container, and returns when the health check of its image says that it is healthy. */
  async start(app: AppName): Promise<void> {
    const { at } = this;
    const addresses: Readonly<Record<string, string>> =
      app === 'sidecar'
        ? { PORT: String(at.sidecarPort), SIDECAR_ZMQ_BIND: at.zmqAddress }
        : {
            PORT: String(at.publisherPort),
            WEBAPP_ZMQ_ADDR: at.zmqAddress,
            SIDECAR_HTTP_URL: at.sidecarUrl,
          };
    const container = await this.engine.start({
      app,
      environment: { HOST: '127.0.0.1', ...addresses, ...this.plan.settings },
      mounts: this.plan.mounts[app],
    });
    this.containers[app] = container;
    const check = this.images.find((image) => image.app === app)?.config.Healthcheck?.Test.slice(1) ?? [];
    await container.program.until(
      'a health check that passes',
      async () => (await container.exec(check)).code === 0,
    );
  }

  /** Stops an app as an orchestrator does. @throws unless it ends by itself, with 0 */
  async stop(app: AppName): Promise<void> {
    const { code } = await this.program(app).stop('SIGTERM', GRACE_MS);
    if (code !== 0)
      throw new Error(
        `the ${app} ended with ${code} after SIGTERM:\n${this.program(app).output.slice(-KEPT_CHARACTERS)}`,
      );
  }

  kill(app: AppName): Promise<void> {
    return this.of(app).kill();
  }

  /** Posts trades of quantity 1 in one request, and returns the answer's status. */
  async post(count: number, headers: Readonly<Record<string, string>> = {}): Promise<number> {
    const trades = Array.from({ length: count }, (_, index) => ({
      side: index % 2 === 0 ? 'buy' : 'sell',
      qty: 1,
    }));
    const answer = await fetch(`${this.at.publisherUrl}/trades`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json', ...headers },
      body: JSON.stringify(trades),
    });
    await answer.body?.cancel();
    return answer.status;
  }

  /** What a route answers. */
  async status(app: AppName, path: string): Promise<number> {
    const answer = await fetch(`${app === 'sidecar' ? this.at.sidecarUrl : this.at.publisherUrl}${path}`);
    await answer.body?.cancel();
    return answer.status;
  }

  /** The end of what each app wrote, to look for the cause of a failure. */
  lastOutput(): string[] {
    return Object.entries(this.containers).map(
      ([app, { program }]) => `${app}: ${program.output.slice(-KEPT_CHARACTERS).trim()}`,
    );
  }
}
