import { createHttpAdapter, setUpHttpApp } from '@app/service-kit';
import type { ZmqServer } from '@app/zmq-transport';
import type { LoggerService } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test, type TestingModuleBuilder } from '@nestjs/testing';
import { register } from 'prom-client';
import { Push } from 'zeromq';
import { waitUntil } from '../../../testing/wait.js';
import { noteRoutes } from '../../../testing/routes.js';
import { AppModule, setUpSidecar } from '../src/app.module.js';
import { SidecarConfig } from '../src/config/sidecar.config.js';
import { Intake } from '../src/intake/intake.js';
import type { DeadLettersDto } from '../src/intake/rejections/dead-letters.dto.js';

/** A whole sidecar in this process, on ports the system chose. */
export interface SidecarUnderTest {
  readonly app: NestFastifyApplication;
  readonly server: ZmqServer;
  readonly url: string;
  /** A raw ZeroMQ producer, connected; closed with the sidecar. */
  connect(): Push;
  /** The value of one sample in /metrics, by its full text such as `trades_total{side="buy"}`. */
  metric(sample: string): Promise<number>;
  /** Rejections by reason, without the reasons at 0. */
  rejections(): Promise<Record<string, number>>;
  letters(query?: string): Promise<DeadLettersDto>;
  close(): Promise<void>;
}

const keepQuiet = (): void => undefined;
/** Nest's own for tests prints errors, such as the one of an earlier test's log that ends its second now. */
const SILENT: LoggerService = { log: keepQuiet, warn: keepQuiet, error: keepQuiet };

/** Starts one; settings not given have test defaults. */
export async function startSidecar(
  settings: Partial<SidecarConfig> = {},
  logger: LoggerService | false = false,
  change: (builder: TestingModuleBuilder) => TestingModuleBuilder = (builder) => builder,
): Promise<SidecarUnderTest> {
  // nestjs-prometheus keeps to the global registry, where the sidecar of the test before has left its metrics.
  register.clear();
  const defaults = { SIDECAR_ZMQ_BIND: ['tcp://127.0.0.1:*'] };
  const builder = Test.createTestingModule({ imports: [AppModule] })
    .overrideProvider(SidecarConfig)
    .useValue(Object.assign(new SidecarConfig(), defaults, settings))
    .setLogger(logger === false ? SILENT : logger);
  const testing = await change(builder).compile();
  const adapter = noteRoutes(createHttpAdapter());
  const app = testing.createNestApplication<NestFastifyApplication>(adapter, { logger });
  setUpHttpApp(app, { name: 'sidecar' });
  try {
    await setUpSidecar(app);
  } catch (error) {
    await app.close();
    throw error;
  }
  await app.listen(0, '127.0.0.1');
  return new RunningSidecar(app, await app.getUrl());
}

class RunningSidecar implements SidecarUnderTest {
  readonly server: ZmqServer;
  private readonly sockets: Push[] = [];

  constructor(
    readonly app: NestFastifyApplication,
    readonly url: string,
  ) {
    this.server = app.get(Intake).server as ZmqServer;
  }

  connect(): Push {
    const socket = new Push({ linger: 0, sendTimeout: 5000 });
    for (const address of this.server.boundAddresses) socket.connect(address);
    this.sockets.push(socket);
    return socket;
  }

  async metric(sample: string): Promise<number> {
    const line = (await this.scrape()).find((candidate) => candidate.startsWith(`${sample} `));
    return line === undefined ? Number.NaN : Number(line.slice(sample.length + 1));
  }

  async rejections(): Promise<Record<string, number>> {
    const samples = (await this.scrape()).flatMap((line) => {
      const [, reason, value] = /^trading_events_rejected_total\{reason="(\w+)"\} (\S+)$/.exec(line) ?? [];
      return reason && value !== '0' ? [[reason, Number(value)] as const] : [];
    });
    return Object.fromEntries(samples);
  }

  async letters(query = ''): Promise<DeadLettersDto> {
    const response = await fetch(`${this.url}/dead-letters${query}`);
    return (await response.json()) as DeadLettersDto;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.close();
    await this.app.close();
  }

  private async scrape(): Promise<string[]> {
    const response = await fetch(`${this.url}/metrics`);
    return (await response.text()).split('\n');
  }
}

/** Resolves when `condition` holds; fails with `what` when it does not in time. */
export async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  await waitUntil(what, condition);
}

/** A valid event made now, with changes. */
export function trade(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return { type: 'trade', side: 'buy', qty: 1, ts: Date.now() / 1000 - 0.001, ...changes };
}
