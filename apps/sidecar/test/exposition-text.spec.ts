import { readFileSync } from 'node:fs';
import { performance as nodePerformance } from 'node:perf_hooks';
import { MAX_QTY, METRICS } from '@app/contracts';
import { epochSeconds } from '@app/transport-core';
import { TradeRecorder } from '../src/counting/trade-recorder.js';
import { RejectionsService } from '../src/intake/rejections/rejections.service.js';
import { startSidecar, until, type SidecarUnderTest } from './sidecar.fixture.js';

const OPEN = 'application/openmetrics-text;version=1.0.0';
const START_SECONDS = 1_795_345_871;

/** A clock that stands until it is moved: what is measured by it is the same in every run. */
class StandingClock {
  private elapsedMs = 1000;
  private readonly restores: (() => void)[] = [];

  /** Resolves when the clock of the apps and of the transport follows this one. */
  async start(): Promise<void> {
    this.elapsedMs = 1000;
    for (const performance of new Set([globalThis.performance, nodePerformance])) {
      const now = jest.spyOn(performance, 'now').mockImplementation(() => this.elapsedMs);
      this.restores.push(() => now.mockRestore());
    }
    const system = jest.spyOn(Date, 'now').mockImplementation(() => Math.floor(this.seconds * 1000));
    this.restores.push(() => system.mockRestore());
    await until('the clock stands', () => Promise.resolve(epochSeconds() === this.seconds));
  }

  get seconds(): number {
    return START_SECONDS + (this.elapsedMs - 1000) / 1000;
  }

  /** By eighths of a millisecond: whole microseconds that a float holds exactly. */
  advance(seconds: number): void {
    this.elapsedMs += Math.round(seconds * 8000) / 8;
  }

  restore(): void {
    this.restores.splice(0).forEach((restore) => restore());
  }
}

/** The same numbers in every run (a linear congruential generator); from 0 to below 1. */
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

const promised = new Set<string>(Object.values(METRICS).map(({ name }) => name));

/** The metrics of a text of /metrics, by name: each from its `# HELP` to the next. */
function metricsOf(text: string): { name: string; lines: string }[] {
  return text.split(/^(?=# HELP |# EOF)/m).flatMap((lines) => {
    const name = /^# HELP (\w+)/.exec(lines)?.[1];
    return name === undefined ? [] : [{ name, lines: `${lines.trimEnd()}\n` }];
  });
}

const isPromised = (name: string): boolean => promised.has(name) || promised.has(`${name}_total`);

/** The promised metrics in the order of their names: the order in which they are registered means nothing to Prometheus. */
function promisedText(text: string): string {
  const lines = metricsOf(text)
    .filter(({ name }) => isPromised(name))
    .map((metric) => metric.lines);
  return `${lines.sort().join('')}${text.includes('# EOF') ? '# EOF\n' : ''}`;
}

// Metrics that are only in the sidecar may come and go. Those of `libs/contracts` are promised: programs rely on every byte.
describe('the text of /metrics for the same input', () => {
  const clock = new StandingClock();
  let sidecar: SidecarUnderTest;

  beforeEach(async () => {
    await clock.start();
    sidecar = await startSidecar();
  });

  afterEach(async () => {
    clock.restore();
    await sidecar.close();
  });

  /** Sends one message, and waits until all of its events are applied or rejected. */
  async function send(message: unknown): Promise<void> {
    const recorder = sidecar.app.get(TradeRecorder);
    const rejections = sidecar.app.get(RejectionsService);
    const done = (): number => {
      const { buy, sell } = recorder.totals();
      return buy.trades + sell.trades + rejections.total;
    };
    const expected = done() + (Array.isArray(message) ? message.length : 1);
    await socket.send(typeof message === 'string' ? message : JSON.stringify(message));
    await until('the message is dealt with', () => done() === expected);
  }

  let socket: ReturnType<SidecarUnderTest['connect']>;

  async function sendEverything(): Promise<void> {
    socket = sidecar.connect();
    await until('the producer is there', () => sidecar.server.stats().peers === 1);
    const trade = (changes: object): object => ({
      type: 'trade',
      side: 'buy',
      qty: 1,
      ts: clock.seconds - 0.004,
      ...changes,
    });
    await send(trade({ qty: 0.1 }));
    clock.advance(0.25);
    await send([
      trade({ qty: 0.2 }),
      trade({ side: 'sell', qty: 3, ts: clock.seconds + 5 }),
      trade({ qty: -1 }),
      trade({ type: 'quote' }),
      trade({ sent: clock.seconds - 0.0002 }),
      trade({ sent: clock.seconds + 1, side: 'sell' }),
      trade({ sent: 'now', ts: clock.seconds }),
    ]);
    clock.advance(0.02);
    await send('{');
    const random = seededRandom(7);
    for (let message = 0; message < 12; message += 1) {
      clock.advance(message === 6 ? 70 : 10 ** (random() * 4 - 4));
      await send(
        Array.from({ length: 1 + Math.floor(random() * 40) }, () =>
          trade({
            side: random() < 0.4 ? 'sell' : 'buy',
            qty: random() * 100,
            ts: clock.seconds - 10 ** (random() * 7 - 5),
            ...(random() < 0.5 && { sent: clock.seconds - 10 ** (random() * 6 - 5) }),
          }),
        ),
      );
    }
    await send([
      trade({ side: 'sell', qty: MAX_QTY }),
      trade({ qty: Number.MAX_VALUE }),
      trade({ ts: 1e12 }),
    ]);
    clock.advance(1.5);
  }

  it.each([
    ['plain text', 'text/plain', 'apps/sidecar/test/exposition.plain.txt'],
    ['OpenMetrics', OPEN, 'apps/sidecar/test/exposition.openmetrics.txt'],
  ])('is the same to the byte, as %s', async (_, accept, file) => {
    const before = await fetch(`${sidecar.url}/metrics`, { headers: { accept } });
    await sendEverything();
    const after = await fetch(`${sidecar.url}/metrics`, { headers: { accept } });
    const text = `${promisedText(await before.text())}\n\n${promisedText(await after.text())}`;
    const kept = readFileSync(file, 'utf8');
    const known = new Set(metricsOf(kept).map(({ name }) => name));
    const missing = metricsOf(text).filter(({ name }) => !known.has(name));
    if (missing.length > 0) {
      throw new Error(
        `libs/contracts promises metrics that ${file} lacks. Add their lines, by name, to both halves of the file ` +
          `(before any trade, and after all):\n${missing.map(({ lines }) => lines).join('')}`,
      );
    }
    expect(text).toBe(kept);
  });
});
