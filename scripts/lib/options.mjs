import { parseArgs } from 'node:util';
import { ScriptError } from './script-error.mjs';

const USAGE_EXIT_CODE = 64;
/** An option where a usage text names it; what follows in capitals is its value. */
const NAMED = /--([a-z][a-z0-9-]*)( [A-Z][A-Z|.]*)?/g;

/**
 * The options that a usage text names: what is not in the help does not exist.
 * @param {string} usage
 * @returns {Record<string, { type: 'string' | 'boolean' }>}
 */
function optionsIn(usage) {
  /** @type {Record<string, { type: 'string' | 'boolean' }>} */
  const options = {};
  for (const [, name = '', value] of usage.matchAll(NAMED)) {
    if (value !== undefined) options[name] = { type: 'string' };
    else options[name] ??= { type: 'boolean' };
  }
  return options;
}

/**
 * Reads a script's command line, before it installs or builds anything: `--help` prints the usage and ends the script with
 * 0, and what the usage does not name is refused.
 * @param {string} name in front of a refusal
 * @param {string} usage options as `--name` or, with a value, `--name VALUE`
 * @param {{ takesWords?: boolean, args?: string[] }} [how] whether there may be words that are no options, and what to read
 * @returns {{ values: Record<string, string | true>, words: string[] }}
 * @throws {ScriptError} one line, exit code 64
 */
export function readOptions(name, usage, { takesWords = false, args = process.argv.slice(2) } = {}) {
  const options = optionsIn(usage);
  // Not strict: parseArgs' own messages run over several sentences.
  const { tokens } = parseArgs({
    args,
    options: { ...options, help: { type: 'boolean', short: 'h' } },
    strict: false,
    tokens: true,
  });
  if (tokens.some((token) => token.kind === 'option' && token.name === 'help')) {
    console.log(usage);
    process.exit(0);
  }
  /** @type {Record<string, string | true>} */
  const values = {};
  /** @type {string[]} */
  const words = [];
  /** @param {string} what */
  const refuse = (what) => new ScriptError(`${name}: ${what} (--help shows all options)`, USAGE_EXIT_CODE);
  for (const token of tokens) {
    if (token.kind === 'option-terminator') continue;
    if (token.kind === 'positional') {
      if (!takesWords) throw refuse(`"${token.value}" is not an option`);
      words.push(token.value);
      continue;
    }
    const option = options[token.name];
    if (option === undefined) throw refuse(`there is no option ${token.rawName}`);
    if (token.name in values) throw refuse(`${token.rawName} is given twice`);
    if (option.type === 'boolean' && token.value !== undefined)
      throw refuse(`${token.rawName} takes no value`);
    const isMissing = token.value === undefined || (!token.inlineValue && token.value.startsWith('--'));
    if (option.type === 'string' && isMissing) throw refuse(`${token.rawName} needs a value`);
    values[token.name] = token.value ?? true;
  }
  return { values, words };
}
