import { writeFileSync } from 'node:fs';
import { LoadUsageError } from '../load/options/option-values.js';
import { paperTable } from './paper.js';
import { Simulation } from './simulation.js';
import { parseSimulationOptions } from './simulation-options.js';
import { formatSimulation } from './simulation-report.js';

const EXIT = { usage: 64 } as const;

/**
 * `npm run simulate`: one simulation and its figures.
 * @returns the exit code: 0, or 64 for a wrong command line
 */
export function runSimulation(given: Readonly<Record<string, string | true>>): number {
  try {
    if (given['paper'] !== undefined) {
      console.log(paperTable());
      return 0;
    }
    const options = new Map(Object.entries(given).map(([name, value]) => [name, String(value)]));
    const settings = parseSimulationOptions(options);
    const result = new Simulation(settings).run();
    console.log(formatSimulation(settings, result));
    const file = options.get('json');
    if (file !== undefined) writeFileSync(file, `${JSON.stringify({ settings, result }, undefined, 2)}\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof LoadUsageError)) throw error;
    console.error(`simulate: ${error.message} (--help shows all options)`);
    return EXIT.usage;
  }
}
