import { setTimeout as sleep } from 'node:timers/promises';
import type { RandomSource } from '@app/trade-model';
import type { ChaosStage } from './chaos-stage.js';

/** Who dies in a round. */
export const VICTIMS = ['sidecar', 'publisher', 'direct', 'sidecar+publisher', 'sidecar+direct'] as const;
/** One of {@link VICTIMS}. */
export type Victim = (typeof VICTIMS)[number];

type Part = 'sidecar' | 'publisher' | 'direct';

const MAX_APART_MS = 60;
const MAX_AWAY_MS = 600;

async function kill({ stack, direct }: ChaosStage, part: Part): Promise<void> {
  await (part === 'direct' ? direct.kill() : stack.app(part).kill());
}

function start({ stack, direct }: ChaosStage, part: Part): Promise<void> {
  if (part === 'direct') return direct.start();
  return part === 'sidecar' ? stack.startSidecar() : stack.startPublisher();
}

/** Draws one. */
export function drawVictim(random: RandomSource): Victim {
  return VICTIMS[Math.floor(random.uniform() * VICTIMS.length)] ?? 'sidecar';
}

/** Kills it (of two, in either order and a little apart), and starts it again after a while. */
export async function strike(stage: ChaosStage, victim: Victim, random: RandomSource): Promise<void> {
  const parts = victim.split('+') as Part[];
  if (random.uniform() < 0.5) parts.reverse();
  await Promise.all(
    parts.map(async (part, index) => {
      if (index > 0) await sleep(random.uniform() * MAX_APART_MS);
      await kill(stage, part);
      await sleep(random.uniform() * MAX_AWAY_MS);
      await start(stage, part);
    }),
  );
}
