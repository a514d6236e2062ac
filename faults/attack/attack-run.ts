import { ScratchFolder } from '../../testing/folder.js';
import type { Attack, GroundAttack, LoneAttack } from './attack.js';
import { BOUNDS } from './ground/bounds.js';
import { type Figures, Ground } from './ground/ground.js';

/** How one attack ended. */
export interface AttackReport {
  readonly name: string;
  /** None for an attack that has apps of its own. */
  readonly figures: Figures | undefined;
  /** What gave way; nothing when it was held off. */
  readonly faults: readonly string[];
}

async function runAlone({ name, run }: LoneAttack): Promise<AttackReport> {
  const folder = new ScratchFolder('trading-attack-');
  try {
    return { name, figures: undefined, faults: await run(folder.path) };
  } finally {
    folder.remove();
  }
}

async function startGround(setting: GroundAttack['setting']): Promise<Ground> {
  const ground = await Ground.start(setting);
  const [publisher, sidecar] = (['publisher', 'sidecar'] as const).map((name) => ground.stack.app(name).pid);
  console.error(`the ${setting} ground: publisher ${publisher}, sidecar ${sidecar}`);
  return ground;
}

/** All attacks of one ground. After an attack that broke something, the next one gets a new ground. */
async function runOnGround(
  setting: GroundAttack['setting'],
  attacks: readonly GroundAttack[],
  onReport: (report: AttackReport) => void,
): Promise<void> {
  let ground: Ground | undefined;
  try {
    for (const attack of attacks) {
      ground ??= await startGround(setting);
      const on = ground;
      const { figures, faults } = await on.measure({ ...BOUNDS, ...attack.bounds }, () => attack.run(on));
      onReport({ name: attack.name, figures, faults });
      if (faults.length === 0) continue;
      ground = undefined;
      await on.end();
    }
  } finally {
    await ground?.end();
  }
}

/** Runs the attacks, those of one ground one after the other on the same pair of apps. */
export async function runAttacks(
  attacks: readonly Attack[],
  onReport: (report: AttackReport) => void,
): Promise<void> {
  for (const setting of ['open', 'closed'] as const) {
    const here = attacks.filter((attack): attack is GroundAttack => attack.setting === setting);
    if (here.length > 0) await runOnGround(setting, here, onReport);
  }
  for (const attack of attacks) if (attack.setting === 'alone') onReport(await runAlone(attack));
}
