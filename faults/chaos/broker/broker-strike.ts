import { setTimeout as sleep } from 'node:timers/promises';
import type { RandomSource } from '@app/trade-model';
import { scrape } from '../../../testing/samples.js';
import { waitUntil } from '../../../testing/wait.js';
import type { BrokerStage, Counter } from './broker-stage.js';

/**
 * What happens in a round.
 * - `count`: COUNT goes from 3 to 2, and back
 * - `zombie`: a sidecar is stopped until another one has its partitions, and then goes on
 */
export const STRIKES = ['count', 'zombie', 'sidecar+broker', 'publisher', 'sidecar', 'broker'] as const;
/** One of {@link STRIKES}. */
export type Strike = (typeof STRIKES)[number];

export const SIDECARS = 3;
const MAX_AWAY_MS = 600;
const ZOMBIE_TIMEOUT_MS = 30_000;

const awayMs = (random: RandomSource): number => random.uniform() * MAX_AWAY_MS;

async function killSidecar(stage: BrokerStage, random: RandomSource): Promise<void> {
  const index = Math.floor(random.uniform() * SIDECARS);
  await stage.sidecars[index]?.program.kill();
  await sleep(awayMs(random));
  stage.sidecars[index] = await stage.startSidecar(index, SIDECARS);
}

async function killBroker({ nats }: BrokerStage, random: RandomSource): Promise<void> {
  await nats.stop('SIGKILL');
  await sleep(awayMs(random));
  await nats.start();
}

async function killPublisher(stage: BrokerStage, random: RandomSource): Promise<void> {
  await stage.killPublisher();
  await sleep(awayMs(random));
  await stage.startPublisher();
}

async function changeCount(stage: BrokerStage, random: RandomSource): Promise<void> {
  for (const count of [SIDECARS - 1, SIDECARS]) {
    await Promise.all(
      stage.sidecars.map(({ program }) => (random.uniform() < 0.5 ? program.kill() : program.stop())),
    );
    await stage.startSidecars(count);
  }
}

/** Whether a sidecar shows no count of any partition, and says that it is not well. */
async function hasLetGo({ url }: Counter): Promise<boolean> {
  const samples = await scrape(`${url}/metrics/`);
  const counts = [...samples.keys()].filter((sample) => sample.startsWith('trades_total{'));
  const health = await fetch(`${url}/health`);
  await health.body?.cancel();
  return health.status === 503 && counts.every((sample) => !sample.includes('partition='));
}

async function makeZombie(stage: BrokerStage, random: RandomSource): Promise<void> {
  const index = Math.floor(random.uniform() * SIDECARS);
  const zombie = stage.sidecars[index];
  if (zombie === undefined) throw new Error(`there is no sidecar ${index}`);
  zombie.program.signal('SIGSTOP');
  stage.sidecars[index] = await stage.startSidecar(index, SIDECARS);
  zombie.program.signal('SIGCONT');
  await waitUntil('the stopped sidecar to let go', () => hasLetGo(zombie), ZOMBIE_TIMEOUT_MS);
  await zombie.program.kill();
}

const STRIKE: Readonly<Record<Strike, (stage: BrokerStage, random: RandomSource) => Promise<unknown>>> = {
  sidecar: killSidecar,
  broker: killBroker,
  publisher: killPublisher,
  count: changeCount,
  zombie: makeZombie,
  'sidecar+broker': (stage, random) => Promise.all([killBroker(stage, random), killSidecar(stage, random)]),
};

/** Does it, and returns when all processes are there again. */
export async function strike(stage: BrokerStage, kind: Strike, random: RandomSource): Promise<void> {
  await STRIKE[kind](stage, random);
}
