import { spawnSync } from 'node:child_process';
import { type GivenOptions, usageFault } from '../usage-error.js';
import { runBrokerChaos } from './broker/broker-run.js';
import { parseChaosOptions } from './chaos-options.js';
import { NotSettledError } from './chaos-round.js';
import { runChaos } from './chaos-run.js';
import { UnexpectedAnswerError } from './post-feeders.js';
import type { RoundVerdict } from './round-check.js';

const EXIT = { violated: 1, usage: 64, unavailable: 69 } as const;

/** What the rounds over either link tell. */
interface Report extends RoundVerdict {
  readonly accepted: number;
}

function say(what: string, atShare: number, report: Report, index: number): void {
  const at = `${Math.round(atShare * 100)} %`;
  const unknown = `${report.unknown} unknown, ${report.unknownApplied} of them applied`;
  console.log(
    `round ${index + 1}: ${what} at ${at}: ${report.accepted} accepted, ${unknown}: ` +
      (report.violations.length === 0 ? 'lost 0, counted twice 0' : 'VIOLATED'),
  );
  for (const violation of report.violations) console.log(`  ${violation}`);
}

async function rounds(given: GivenOptions): Promise<number> {
  const options = parseChaosOptions(given);
  if (options.via === 'nats' && spawnSync('nats-server', ['--version']).error !== undefined) {
    console.error('chaos: --via nats needs a nats-server on the PATH (Debian: apt-get install nats-server)');
    return EXIT.unavailable;
  }
  console.log(`seed ${options.seed}`);
  const reports: readonly Report[] =
    options.via === 'nats'
      ? await runBrokerChaos(options, (report, index) =>
          say(report.strike, report.struckAtShare, report, index),
        )
      : await runChaos(options, (report, index) =>
          say(`${report.victim} killed`, report.killedAtShare, report, index),
        );
  const accepted = reports.reduce((sum, report) => sum + report.accepted, 0);
  const isKept = reports.every(({ violations }) => violations.length === 0);
  const outcome = isKept ? 'lost 0, counted twice 0' : `a promise was broken (seed ${options.seed})`;
  console.log(`${reports.length} rounds, ${accepted} events accepted: ${outcome}`);
  return isKept ? 0 : EXIT.violated;
}

/**
 * `npm run chaos`: kill rounds, each held against what was promised.
 * @returns the exit code: 0 when every promise was kept, 1 when one was broken, 64 for a wrong command line, 69 without
 * the nats-server that it needs
 */
export async function run(given: GivenOptions): Promise<number> {
  try {
    return await rounds(given);
  } catch (error) {
    if (error instanceof NotSettledError || error instanceof UnexpectedAnswerError) {
      console.log(`VIOLATED: ${error.message}`);
      return EXIT.violated;
    }
    const fault = usageFault(error);
    if (fault === undefined) throw error;
    console.error(`chaos: ${fault} (--help shows all options)`);
    return EXIT.usage;
  }
}
