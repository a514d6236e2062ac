import { parseArgs } from 'node:util';
import { LoadUsageError } from './option.values.js';

/** Every option; each has a value. `--help` is answered by scripts/load.mjs. */
const VALUE_OPTIONS = [
  'rate p99-bound duration warmup',
  'arrivals branching decay qty qty-mean qty-shape seed replay speed',
  'via wait url sidecar zmq ca token-file keys client json hdr chart',
].flatMap((names) => names.split(' '));

/** Options as they were given, by name; what was not given is missing. */
export type GivenOptions = ReadonlyMap<string, string>;

/**
 * Splits the command line.
 * @throws {LoadUsageError} for an option that does not exist, is given twice, or lacks its value
 */
export function readCommandLine(args: readonly string[]): GivenOptions {
  const options = Object.fromEntries(VALUE_OPTIONS.map((name) => [name, { type: 'string' as const }]));
  // Not strict: parseArgs' own messages run over several sentences.
  const { tokens } = parseArgs({
    args: [...args],
    options,
    strict: false,
    tokens: true,
  });
  const given = new Map<string, string>();
  for (const token of tokens) {
    if (token.kind !== 'option') throw new LoadUsageError(`"${args[token.index] ?? ''}" is not an option`);
    if (!VALUE_OPTIONS.includes(token.name)) throw new LoadUsageError(`there is no option ${token.rawName}`);
    else if (given.has(token.name)) throw new LoadUsageError(`${token.rawName} is given twice`);
    else if (token.value === undefined || (!token.inlineValue && token.value.startsWith('--')))
      throw new LoadUsageError(`${token.rawName} lacks its value`);
    else given.set(token.name, token.value);
  }
  return given;
}
