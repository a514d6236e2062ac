import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { monotonicMs } from '../clock.js';
import { cpuSecondsIn, statOf } from '../processor-time.js';
import { ServiceProcess } from '../services/service-process.js';
import { INTAKE_SERVICES } from '../services/service-programs.js';
import { WorkerError, WorkerProcess } from '../workers/worker-process.js';
import type { CostSample } from './cost.js';
import { freePort } from '../../../testing/ports.js';
import { scrape } from '../../../testing/samples.js';
import type { Timing } from './one-way-figure.js';
import { startEnd } from './peer-ends.js';

/** How the events are fed. */
export const FEEDS = [
  { name: 'arrays of 256', perMessage: 256 },
  { name: 'one event a message', perMessage: 1 },
] as const;

const FEEDER = fileURLToPath(new URL('../workers/feeder-main.js', import.meta.url));
const LOOK_EVERY_MS = 5;
/**
 * A process that used no processor time for this long has nothing left to do, or did not get the processor: its count tells
 * which.
 */
const QUIET_MS = 60;
const PATIENCE_MS = 10_000;

/** The receiver of the events, seen from outside: by its process, and by the count that it reports. */
interface Intake {
  cpuSeconds(): number;
  /** Events counted since the start. */
  count(): Promise<number>;
  stop(): Promise<void>;
}

async function scrapedTrades(url: string): Promise<number> {
  const counted = [...(await scrape(url))].filter(([name]) => name.startsWith('trades_total{'));
  return counted.reduce((sum, [, count]) => sum + count, 0);
}

async function openIntake(peer: string, zmqPort: number): Promise<Intake> {
  const programOf = INTAKE_SERVICES[peer];
  if (programOf === undefined) {
    const loop = await startEnd('consumer', peer, zmqPort);
    await loop.call({ do: 'expect', target: 0 });
    return {
      cpuSeconds: () => cpuSecondsIn(statOf(loop.pid)),
      count: async () => (await loop.call<'count'>({ do: 'count' })).count,
      stop: () => loop.stop(),
    };
  }
  const httpPort = await freePort();
  const service = await ServiceProcess.start(peer, programOf(zmqPort, httpPort));
  return {
    cpuSeconds: () => service.cpuSeconds(),
    count: () => scrapedTrades(`http://127.0.0.1:${httpPort}/metrics/`),
    stop: () => service.stop(),
  };
}

/** A process at rest: since when, and the processor time it had taken by then. */
interface Rest {
  readonly sinceMs: number;
  readonly cpuSeconds: number;
}

/** Waits until a process uses no processor time. It sends no request meanwhile, which would be measured too. */
async function atRest(intake: Intake): Promise<Rest> {
  let cpuSeconds = intake.cpuSeconds();
  let sinceMs = monotonicMs();
  while (monotonicMs() - sinceMs < QUIET_MS) {
    await sleep(LOOK_EVERY_MS);
    const now = intake.cpuSeconds();
    if (now !== cpuSeconds) {
      cpuSeconds = now;
      sinceMs = monotonicMs();
    }
  }
  return { sinceMs, cpuSeconds };
}

/**
 * Waits until it has counted `total` events, and returns when the last one was done.
 * @throws WorkerError when no more come: PUSH and PULL lose nothing between two running processes
 */
async function allCounted(name: string, intake: Intake, total: number): Promise<Rest> {
  let seen = 0;
  let seenMs = monotonicMs();
  for (;;) {
    const rest = await atRest(intake);
    const count = await intake.count();
    if (count >= total) return rest;
    if (count !== seen) {
      seen = count;
      seenMs = monotonicMs();
    }
    if (monotonicMs() - seenMs > PATIENCE_MS) {
      throw new WorkerError(`${name} counted ${count} of ${total} events`);
    }
  }
}

/**
 * A whole sidecar (or a bare loop) fed by a bare PUSH: one sample for each of {@link FEEDS} in their order. The processor
 * time is that of the receiving process alone.
 */
export async function measureIntake(peer: string, timing: Timing): Promise<CostSample[]> {
  const port = await freePort();
  const intake = await openIntake(peer, port);
  let feeder: WorkerProcess | undefined;
  try {
    feeder = await WorkerProcess.start('feeder', process.execPath, [FEEDER, String(port)]);
    const samples: CostSample[] = [];
    let total = await intake.count();
    const run = async (command: Parameters<WorkerProcess['call']>[0]): Promise<CostSample> => {
      const { cpuSeconds: before } = await atRest(intake);
      const startMs = monotonicMs();
      const { sent } = (await feeder?.call<'sent'>(command)) ?? { sent: 0 };
      total += sent;
      const { sinceMs, cpuSeconds } = await allCounted(peer, intake, total);
      return {
        perSecond: sent / ((sinceMs - startMs) / 1000),
        cpuMicros: ((cpuSeconds - before) / sent) * 1e6,
      };
    };
    for (const { perMessage } of FEEDS) {
      const { perSecond } = await run({ do: 'feedFor', seconds: timing.warmUpSeconds, perMessage });
      samples.push(
        await run({ do: 'feed', count: Math.round(perSecond * timing.measureSeconds), perMessage }),
      );
    }
    return samples;
  } finally {
    await feeder?.stop();
    await intake.stop();
  }
}
