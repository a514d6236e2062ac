import { fileURLToPath } from 'node:url';
import { monotonicMs } from '../clock.js';
import { cpuSecondsIn, statOf } from '../processor-time.js';
import { ServiceProcess } from '../services/service-process.js';
import { INTAKE_SERVICES } from '../services/service-programs.js';
import { WorkerProcess } from '../workers/worker-process.js';
import type { CostSample } from './cost.js';
import { freePort } from '../../../testing/ports.js';
import type { Timing } from './one-way-figure.js';
import { startEnd } from './peer-ends.js';
import { allCounted, atRest, type Counted, scrapedTrades } from './rest.js';

/** How the events are fed. */
export const FEEDS = [
  { name: 'arrays of 256', perMessage: 256 },
  { name: 'one event a message', perMessage: 1 },
] as const;

const FEEDER = fileURLToPath(new URL('../workers/feeder-main.js', import.meta.url));

/** What is fed: a service or a bare loop, in a process of its own. */
interface Intake extends Counted {
  stop(): Promise<void>;
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
