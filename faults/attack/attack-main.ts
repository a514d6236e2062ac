import { type GivenOptions, usageFault } from '../usage-error.js';
import { ATTACKS } from './attack-catalogue.js';
import { parseAttackOptions } from './attack-options.js';
import { type AttackReport, runAttacks } from './attack-run.js';

const EXIT = { held: 0, gaveWay: 1, usage: 64 } as const;
const NAME_WIDTH = 18;

function say({ name, figures, faults }: AttackReport): void {
  const verdict = faults.length === 0 ? 'held     ' : 'GAVE WAY ';
  const seen =
    figures === undefined
      ? ''
      : `/health ${figures.healthSeconds.toFixed(1)} s at worst (${figures.healthWorkSeconds.toFixed(1)} s of work), memory +${figures.peakMegabytes.toFixed(0)} MB, ` +
        `+${figures.keptMegabytes.toFixed(0)} MB after, log ${figures.logBytes} bytes`;
  console.log(`${name.padEnd(NAME_WIDTH)} ${verdict} ${seen}`.trimEnd());
  for (const fault of faults) console.log(`  ${fault.trimEnd().replaceAll('\n', '\n    ')}`);
}

async function attack(given: GivenOptions): Promise<number> {
  const options = parseAttackOptions(given);
  if (options.kind === 'list')
    for (const { name, title } of ATTACKS) console.log(`${name.padEnd(NAME_WIDTH)} ${title}`);
  if (options.kind !== 'run') return EXIT.held;
  const reports: AttackReport[] = [];
  await runAttacks(options.attacks, (report) => {
    reports.push(report);
    say(report);
  });
  const gaveWay = reports.filter(({ faults }) => faults.length > 0).map(({ name }) => name);
  const verdict = gaveWay.length === 0 ? 'all held off' : `${gaveWay.length} gave way: ${gaveWay.join(', ')}`;
  console.log(`${reports.length} attacks: ${verdict}`);
  return gaveWay.length === 0 ? EXIT.held : EXIT.gaveWay;
}

/**
 * `npm run attack`: each security hole that was ever found, as a small program against the built apps.
 * @returns the exit code: 0 when all were held off, 1 when one was not, 64 for a wrong command line
 */
export async function run(given: GivenOptions): Promise<number> {
  try {
    return await attack(given);
  } catch (error) {
    const fault = usageFault(error);
    if (fault === undefined) throw error;
    console.error(`attack: ${fault} (--help shows all options)`);
    return EXIT.usage;
  }
}
