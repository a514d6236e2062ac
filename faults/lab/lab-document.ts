import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Machine } from '../../bench/compare/report/machine.js';
import { DISTURBANCES } from './disturbance-catalogue.js';
import type { LabResult, LoadSettings } from './lab-run.js';
import { labTable, lossTable } from './lab-table.js';

const DOCUMENT = join('docs', 'reference', 'delivery.md');
const ALL_FIGURES = join('bench', 'results', 'lab.md');
const BEGIN = '<!-- lab:begin -->';
const END = '<!-- lab:end -->';

/** Where the figures come from, in one sentence. */
export function provenance(machine: Machine, { eventsPerSecond, seconds }: LoadSettings): string {
  return (
    `${eventsPerSecond.toLocaleString('en')} events a second for ${seconds} s in each run, posted in bulk. Measured on ` +
    `${machine.date.slice(0, 10)}: ${machine.cpu}, ${machine.cores} cores, Node ${machine.node.slice(1)}, at a load ` +
    `average of ${machine.loadBefore} before it from other programs.`
  );
}

/**
 * Puts what was lost between the markers of docs/reference/delivery.md, and all figures into bench/results/lab.md.
 * @throws when the markers are not there
 */
export function writeDocument(
  results: readonly LabResult[],
  machine: Machine,
  settings: LoadSettings,
): string {
  const text = readFileSync(DOCUMENT, 'utf8');
  const begin = text.indexOf(BEGIN);
  const end = text.indexOf(END);
  if (begin === -1 || end < begin) throw new Error(`${DOCUMENT} has no ${BEGIN} … ${END}`);
  const legend = DISTURBANCES.filter(({ name }) => results.some(({ disturbance }) => disturbance === name))
    .filter(({ name }) => name !== 'none')
    .map(({ name, description }) => `- \`${name}\`: ${description}`);
  const origin = provenance(machine, settings);
  const parts = [
    '# The figures of the last lab run',
    'Written by `npm run lab -- --write`.',
    origin,
    legend.join('\n'),
  ];
  const all = [...parts, labTable(results)].filter((part) => part !== '');
  writeFileSync(ALL_FIGURES, `${all.join('\n\n')}\n`);
  const body = `${origin}\n\n${lossTable(results)}`;
  writeFileSync(DOCUMENT, `${text.slice(0, begin)}${BEGIN}\n\n${body}\n\n${text.slice(end)}`);
  return DOCUMENT;
}
