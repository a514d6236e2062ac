import { writeFileSync } from 'node:fs';
import { machine } from '../../bench/compare/report/machine.js';
import { type GivenOptions, usageFault } from '../usage-error.js';
import { provenance, writeDocument } from './lab-document.js';
import { type LabOptions, parseLabOptions } from './lab-options.js';
import { type LabResult, runLabCase } from './lab-run.js';
import { labTable } from './lab-table.js';

const USAGE_EXIT_CODE = 64;

async function compare(options: LabOptions): Promise<void> {
  const { modes, disturbances, jsonFile } = options;
  const from = machine();
  const results: LabResult[] = [];
  for (const mode of modes) {
    for (const disturbance of disturbances) {
      const result = await runLabCase(mode, disturbance, options);
      results.push(result);
      const { sent, applied, lost, duplicated } = result;
      console.error(
        `${mode.name}, ${disturbance.name}: sent ${sent}, applied ${applied}, lost ${lost}, duplicated ${duplicated}`,
      );
    }
  }
  console.log(`\n${provenance(from, options)}\n\n${labTable(results)}`);
  if (jsonFile !== undefined) {
    const { eventsPerSecond, seconds } = options;
    const report = { machine: from, eventsPerSecond, seconds, results };
    writeFileSync(jsonFile, `${JSON.stringify(report, undefined, 2)}\n`);
  }
  if (options.writesDocument) console.log(`\nwritten to ${writeDocument(results, from, options)}`);
}

/**
 * `npm run lab`: the delivery modes under faults, and one table. Lost and duplicated events are the result, not a failure.
 * @returns the exit code: 0 when all runs came to an end, 64 for a wrong command line
 */
export async function run(given: GivenOptions): Promise<number> {
  try {
    await compare(parseLabOptions(given));
    return 0;
  } catch (error) {
    const fault = usageFault(error);
    if (fault === undefined) throw error;
    console.error(`lab: ${fault} (--help shows all options)`);
    return USAGE_EXIT_CODE;
  }
}
