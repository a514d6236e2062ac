import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Machine } from '../../bench/compare/report/machine.js';
import { DISTURBANCES } from './disturbance-catalogue.js';
import type { LabResult, LoadSettings } from './lab-run.js';
import { labTable, lossTable } from './lab-table.js';

const DOCUMENT = join('bench', 'results', 'lab.md');

/** Where the figures come from, in one sentence. */
export function provenance(machine: Machine, { eventsPerSecond, seconds }: LoadSettings): string {
  return (
    `${eventsPerSecond.toLocaleString('en')} events a second for ${seconds} s in each run, posted in bulk. Measured on ` +
    `${machine.date.slice(0, 10)}: ${machine.cpu}, ${machine.cores} cores, Node ${machine.node.slice(1)}, at a load ` +
    `average of ${machine.loadBefore} before it from other programs.`
  );
}

/**
 * Writes bench/results/lab.md: what each mode lost under each disturbance, and all figures.
 * @returns its path
 */
export function writeDocument(
  results: readonly LabResult[],
  machine: Machine,
  settings: LoadSettings,
): string {
  const legend = DISTURBANCES.filter(({ name }) => results.some(({ disturbance }) => disturbance === name))
    .filter(({ name }) => name !== 'none')
    .map(({ name, description }) => `- \`${name}\`: ${description}`);
  const parts = [
    '# The figures of the last lab run',
    'Written by `npm run lab -- --write`.',
    provenance(machine, settings),
    legend.join('\n'),
    lossTable(results),
    '`durable` without kept state lost the events that the killed sidecar applied in its last milliseconds.',
    labTable(results),
  ];
  writeFileSync(DOCUMENT, `${parts.filter((part) => part !== '').join('\n\n')}\n`);
  return DOCUMENT;
}
