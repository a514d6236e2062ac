import { parseArgs } from 'node:util';
import { LoadUsageError } from './option.values.js';

/** Every option that has a value; `--help` has none. */
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
export function readCommandLine(args: readonly string[]): { given: GivenOptions; wantsHelp: boolean } {
  const options = Object.fromEntries(VALUE_OPTIONS.map((name) => [name, { type: 'string' as const }]));
  // Not strict: parseArgs' own messages run over several sentences.
  const { tokens } = parseArgs({
    args: [...args],
    options: { ...options, help: { type: 'boolean', short: 'h' } },
    strict: false,
    tokens: true,
  });
  const given = new Map<string, string>();
  let wantsHelp = false;
  for (const token of tokens) {
    if (token.kind !== 'option') throw new LoadUsageError(`"${args[token.index] ?? ''}" is not an option`);
    if (token.name === 'help') wantsHelp = true;
    else if (!VALUE_OPTIONS.includes(token.name))
      throw new LoadUsageError(`there is no option ${token.rawName}`);
    else if (given.has(token.name)) throw new LoadUsageError(`${token.rawName} is given twice`);
    else if (token.value === undefined || (!token.inlineValue && token.value.startsWith('--')))
      throw new LoadUsageError(`${token.rawName} lacks its value`);
    else given.set(token.name, token.value);
  }
  return { given, wantsHelp };
}
