import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type AppSettings, AppStack, type StackSettings } from '../../../testing/stack.js';
import { ScratchFolder } from '../../../testing/folder.js';
import { accountFaults } from './account.js';
import type { Bounds } from './bounds.js';
import { GroundWatch } from './ground-watch.js';
import { HonestProducer } from './honest-producer.js';
import { megabytesOf } from './process-memory.js';

const APPS = ['publisher', 'sidecar'] as const;
/** Time for a pair to be healthy again after an attack. */
const RECOVERY_MS = 120_000;
/** Time for memory to go down again: collections are rare in a process with little to do. */
const MEMORY_MS = 30_000;
const LOOK_EVERY_MS = 250;
const REJECTED_MS = 60_000;
/** Wait before the first attack: an app's own start must not count as the attack's. */
const WARM_UP_MS = 1_500;

/** The token of the closed ground. */
export const TOKEN = 'a-token-of-the-attacks-0123456789';
/** A secret in the addresses of the closed ground, which nobody may be shown. */
export const PASSWORD = 'hunter2-of-the-attacks';
/** The name of the closed ground's publisher. */
export const PUBLISHER_ID = 'the-desk';
/** Requests of one address in a second on the closed ground: more than honest clients need. */
export const LOW_RATE = 500;

/** The figures of one attack. */
export interface Figures {
  readonly healthSeconds: number;
  readonly healthWorkSeconds: number;
  /** Memory rise of the app that rose most: the peak, and what is left at the end. */
  readonly peakMegabytes: number;
  readonly keptMegabytes: number;
  readonly logBytes: number;
}

function openSettings(): StackSettings {
  // The default rate limit: the attacks must stay bounded with it.
  const both = { HTTP_RATE_LIMIT: '20000' };
  return { publisher: both, sidecar: both };
}

function withPassword(port: number): string {
  return `http://desk:${PASSWORD}@127.0.0.1:${port}`;
}

function closedSettings(folder: string): StackSettings {
  const both = { DELIVERY: 'durable', API_TOKEN: TOKEN, HTTP_RATE_LIMIT: String(LOW_RATE) };
  return {
    publisher: {
      ...both,
      SPOOL_DIR: join(folder, 'spool'),
      PRODUCER_ID: PUBLISHER_ID,
      PROMETHEUS_URL: withPassword(9),
      GRAFANA_URL: withPassword(9),
    },
    sidecar: { ...both, SIDECAR_STATE_DIR: join(folder, 'state') },
  };
}

/** A running pair of apps with an honest producer beside it. Attacks follow each other on it. */
export class Ground {
  /** Numbers of trades that an attack itself sends, each of which must be counted once. */
  readonly ownTrades = new Set<number>();
  private readonly honest: HonestProducer;
  private nextNumber = 2 ** 18;

  private constructor(
    readonly stack: AppStack,
    private readonly folder: ScratchFolder,
    private readonly token: string | undefined,
  ) {
    this.honest = new HonestProducer(stack.publisherUrl, token);
  }

  static async start(setting: 'open' | 'closed'): Promise<Ground> {
    const folder = new ScratchFolder('trading-attack-');
    const isClosed = setting === 'closed';
    const stack = await AppStack.prepare(isClosed ? closedSettings(folder.path) : openSettings());
    const ground = new Ground(stack, folder, isClosed ? TOKEN : undefined);
    try {
      const more: AppSettings = isClosed ? { SIDECAR_HTTP_URL: withPassword(stack.at.sidecarPort) } : {};
      await Promise.all([stack.startSidecar(), stack.startPublisher(stack.zmqAddress, more)]);
      ground.honest.start();
      await sleep(WARM_UP_MS);
    } catch (error) {
      await ground.end();
      throw error;
    }
    return ground;
  }

  get publisherUrl(): string {
    return this.stack.publisherUrl;
  }

  get sidecarUrl(): string {
    return this.stack.sidecarUrl;
  }

  /** Both apps' addresses. */
  get urls(): readonly string[] {
    return [this.publisherUrl, this.sidecarUrl];
  }

  /** Where the sidecar's ZeroMQ socket listens. */
  get zmqPort(): number {
    return this.stack.at.zmqPort;
  }

  /** The latest output of both apps. */
  get lastOutput(): string {
    return APPS.map((name) => this.stack.app(name).output).join('\n');
  }

  /** Numbers for an attack's own trades; the account ignores them until they are in {@link ownTrades}. */
  takeNumbers(count: number): number[] {
    const first = this.nextNumber;
    this.nextNumber += count;
    return Array.from({ length: count }, (_, index) => first + index);
  }

  /** How many events the sidecar has rejected. */
  async rejected(): Promise<number> {
    const answer = await fetch(`${this.sidecarUrl}/dead-letters?limit=1`, {
      ...(this.token !== undefined && { headers: { authorization: `Bearer ${this.token}` } }),
      signal: AbortSignal.timeout(REJECTED_MS),
    });
    return ((await answer.json()) as { rejected: number }).rejected;
  }

  /** Waits until the sidecar has rejected this many events in all. @returns whether it did in time */
  async hasRejected(events: number, limitMs: number): Promise<boolean> {
    const deadlineMs = performance.now() + limitMs;
    while ((await this.rejected()) < events) {
      if (performance.now() > deadlineMs) return false;
      await sleep(10);
    }
    return true;
  }

  /**
   * Runs an attack while watching both apps, lets them recover, and settles the account.
   * @returns the figures, and what broke a bound or a promise
   */
  async measure(
    bounds: Bounds,
    attack: () => Promise<string[]>,
  ): Promise<{ figures: Figures; faults: string[] }> {
    const startMs = performance.now();
    const apps = APPS.map((name) => this.stack.app(name));
    const before = apps.map(({ pid }) => megabytesOf(pid));
    const logBefore = this.logBytes();
    const watch = new GroundWatch(apps.map(({ pid }, index) => ({ pid, url: this.urls[index] ?? '' })));
    const faults = await attack().catch((error: unknown) => [
      // Most likely the app no longer answers its attacker: the checks that follow say whether it is there.
      `the attack could not go on: ${String(error)}`,
    ]);
    faults.push(...(await this.recover()));
    const { worstHealthSeconds, worstHealthWorkSeconds, peakMegabytes } = await watch.end();
    const rise = (index: number, now: number): number => Math.max(0, now - (before[index] ?? 0));
    const kept = await this.keptMegabytes(before, bounds.keptMegabytes);
    const logBytes = this.logBytes() - logBefore;
    const seconds = (performance.now() - startMs) / 1000;
    const figures = {
      healthSeconds: worstHealthSeconds,
      healthWorkSeconds: worstHealthWorkSeconds,
      peakMegabytes: Math.max(...peakMegabytes.map((peak, index) => rise(index, peak))),
      keptMegabytes: kept,
      logBytes,
    };
    if (apps.every(({ isRunning }) => isRunning)) faults.push(...(await this.settle()));
    return { figures, faults: [...faults, ...brokenBounds(figures, bounds, seconds)] };
  }

  /** Ends everything that was started. */
  async end(): Promise<void> {
    await this.honest.stop();
    this.honest.close();
    await this.stack.stop();
    this.folder.remove();
  }

  private logBytes(): number {
    return APPS.reduce((sum, name) => sum + this.stack.app(name).writtenBytes, 0);
  }

  private async recover(): Promise<string[]> {
    const faults: string[] = [];
    for (const [index, name] of APPS.entries()) {
      const app = this.stack.app(name);
      const isHealthy = async (): Promise<boolean> => {
        const answer = await fetch(`${this.urls[index]}/health`, {
          signal: AbortSignal.timeout(RECOVERY_MS),
        });
        await answer.arrayBuffer();
        return answer.ok;
      };
      const deadlineMs = performance.now() + RECOVERY_MS;
      let isBack = false;
      while (!isBack && app.isRunning && performance.now() < deadlineMs) {
        isBack = await isHealthy().catch(() => false);
        if (!isBack) await sleep(LOOK_EVERY_MS);
      }
      if (!app.isRunning) faults.push(`the ${name} ended:\n${app.output}`);
      else if (!isBack) faults.push(`the ${name} was not healthy again in ${RECOVERY_MS / 1000} s`);
    }
    return faults;
  }

  private async keptMegabytes(before: readonly number[], wanted: number): Promise<number> {
    const deadlineMs = performance.now() + MEMORY_MS;
    for (;;) {
      const rises = APPS.map((name, index) => megabytesOf(this.stack.app(name).pid) - (before[index] ?? 0));
      const kept = Math.max(0, ...rises);
      if (kept <= wanted || performance.now() > deadlineMs) return kept;
      await sleep(LOOK_EVERY_MS);
    }
  }

  /** The honest producer pauses meanwhile: trades on their way must not count as a difference. */
  private async settle(): Promise<string[]> {
    await this.honest.stop();
    const { accepted, unknown, unexpected } = this.honest.book;
    const faults = await accountFaults(this.sidecarUrl, () => ({
      accepted: new Set([...accepted, ...this.ownTrades]),
      unknown,
    }));
    this.honest.start();
    return [...faults, ...new Set(unexpected.splice(0))];
  }
}

function over(is: number, may: number, what: string): string[] {
  return is > may ? [`${what}: ${is.toFixed(1)}, at most ${may.toFixed(1)}`] : [];
}

/** Lists each figure that exceeds its bound. */
function brokenBounds(figures: Figures, bounds: Bounds, seconds: number): string[] {
  const { healthSeconds, healthWorkSeconds, peakMegabytes, keptMegabytes, logBytes } = figures;
  const maxLogBytes = bounds.logBytes + bounds.logBytesPerSecond * seconds;
  return [
    ...over(healthSeconds, bounds.healthSeconds, 'seconds until /health answered'),
    ...over(healthWorkSeconds, bounds.healthWorkSeconds, 'seconds of work until /health answered'),
    ...over(peakMegabytes, bounds.peakMegabytes, 'MB that memory rose'),
    ...over(keptMegabytes, bounds.keptMegabytes, 'MB that stayed'),
    ...over(logBytes, maxLogBytes, 'bytes of log'),
  ];
}
