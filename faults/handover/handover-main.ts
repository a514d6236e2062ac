import { spawnSync } from 'node:child_process';
import { positive } from '../../bench/load/options/option-values.js';
import { type GivenOptions, textOf, usageFault } from '../usage-error.js';
import { type HandoverReport, runHandovers } from './handover-run.js';
import { beyondOrdinary, HIGHEST_SHARE, MOST_KILL_SECONDS, violationsOf } from './verdict.js';

const EXIT = { kept: 0, violated: 1, usage: 64, unavailable: 69 } as const;
const NEEDED = ['nats-server', 'prometheus'];
const NAME_WIDTH = 15;
const seconds = (value: number): string => `${value.toFixed(2)} s`;

function say(report: HandoverReport): void {
  const { name, times, ordinarySeconds, successors } = report;
  const comparison =
    successors === 1
      ? `beyond an ordinary start, ${seconds(ordinarySeconds)}: ${seconds(beyondOrdinary(report))}`
      : `${successors} started together`;
  console.log(
    `${name.padEnd(NAME_WIDTH)} healthy after ${seconds(times.healthy)}, counts after ${seconds(times.counting)}; ${comparison}`,
  );
}

async function handover(given: GivenOptions): Promise<number> {
  const eventsPerSecond = positive('rate', textOf(given, 'rate') ?? '2000');
  for (const program of NEEDED) {
    if (spawnSync(program, ['--version']).error === undefined) continue;
    console.error(`handover: it needs ${program} on the PATH (Debian: apt-get install ${program})`);
    return EXIT.unavailable;
  }
  console.log(`${eventsPerSecond} events/s; the first hand-over is in a minute`);
  // Each process that runs has listeners of its own.
  process.setMaxListeners(0);
  const report = await runHandovers(eventsPerSecond, say);
  for (const { rule, highest, last } of report.rates)
    console.log(`${rule}: at most ${highest.toFixed(3)} × the offered rate, at the end ${last.toFixed(3)} ×`);
  console.log(`over 10 s: at most ${report.brief.highest.toFixed(2)} ×, with what had waited`);
  console.log(`of trades_total by partition: at most ${report.raw.highest.toFixed(3)} × over a minute`);
  console.log(
    `of trades_total without regard to partitions: at most ${report.naive.highest.toFixed(2)} × over a minute`,
  );
  const kills = report.handovers.filter(({ isKill }) => isKill).map(beyondOrdinary);
  console.log(`after a kill: at most ${seconds(Math.max(...kills))} beyond an ordinary start`);
  const violations = violationsOf(report);
  for (const violation of violations) console.log(`VIOLATED: ${violation}`);
  const promises = `the rate at most ${HIGHEST_SHARE} ×, a kill at most ${MOST_KILL_SECONDS} s, counted once`;
  console.log(
    `${report.handovers.length} hand-overs, ${report.published} events: ` +
      (violations.length === 0 ? promises : 'a promise was broken'),
  );
  return violations.length === 0 ? EXIT.kept : EXIT.violated;
}

/**
 * `npm run handover`: what a steady load looks like in a real Prometheus while sidecars behind a broker replace each other.
 * @returns the exit code: 0 when every promise was kept, 1 when one was broken, 64 for a wrong command line, 69 without a
 * program that it needs
 */
export async function run(given: GivenOptions): Promise<number> {
  try {
    return await handover(given);
  } catch (error) {
    const fault = usageFault(error);
    if (fault === undefined) throw error;
    console.error(`handover: ${fault} (--help shows all options)`);
    return EXIT.usage;
  }
}
