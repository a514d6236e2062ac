// `npm run metrics:check -- FILE`: says what is wrong with a file of SIDECAR_METRICS, and what an event would do under it.
import { build } from './lib/build.mjs';
import { builtLibrary } from './lib/built-library.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { readOptions } from './lib/options.mjs';
import { runScript, ScriptError } from './lib/script-error.mjs';

const USAGE = `usage: npm run metrics:check -- FILE [--event JSON]
Says what is wrong with a file of SIDECAR_METRICS, every fault with its line.
  --event JSON  also what this event would do: the samples that it moves, or why it is rejected
Exit codes: 0 nothing is wrong, 1 the event is rejected, 64 a wrong command line, 78 the file has faults.`;
const EXIT_REJECTED = 1;
const EXIT_USAGE = 64;
const EXIT_CONFIGURATION = 78;

/**
 * @param {string} text
 * @returns {Record<string, unknown>}
 */
function readEvent(text) {
  try {
    const event = JSON.parse(text);
    if (typeof event === 'object' && event !== null && !Array.isArray(event)) return event;
  } catch {
    // The refusal below says it.
  }
  throw new ScriptError(
    'metrics:check: --event takes one JSON object, such as \'{"type": "order"}\'',
    EXIT_USAGE,
  );
}

await runScript(async () => {
  const { values, words } = readOptions('metrics:check', USAGE, { takesWords: true });
  const [path] = words;
  if (path === undefined || words.length > 1) {
    throw new ScriptError('metrics:check: name one FILE (--help shows all options)', EXIT_USAGE);
  }
  const event = typeof values['event'] === 'string' ? readEvent(values['event']) : undefined;
  await ensureInstalled();
  await build(['sidecar'], { onlyStale: true });
  // The contract's classes carry decorators, which want it before they are loaded.
  await import('reflect-metadata');
  const { RESERVED_NAMES } = await builtLibrary('contracts');
  const { MetricsFileError, previewOf, readMetricsFile } =
    /** @type {typeof import('../libs/event-metrics/src/index.js')} */ (await builtLibrary('event-metrics'));
  let file;
  try {
    file = readMetricsFile(path, RESERVED_NAMES);
  } catch (error) {
    if (!(error instanceof MetricsFileError)) throw error;
    console.error(error.message);
    return EXIT_CONFIGURATION;
  }
  const metrics = [...file.events.values()].flatMap((definition) => definition.metrics);
  console.log(
    `${path}: nothing is wrong. ${file.events.size} types, ${metrics.length} metrics, at most ${file.mostSamples} samples in /metrics`,
  );
  if (event === undefined) return 0;
  const preview = previewOf(file, event);
  if (preview === undefined) {
    console.log(
      `the event is rejected (unknown_type): the file has no type ${JSON.stringify(event['type'])}`,
    );
    return EXIT_REJECTED;
  }
  if (preview.fault !== undefined) {
    console.log(`the event is rejected (${preview.fault.reason}): ${preview.fault.message}`);
    return EXIT_REJECTED;
  }
  console.log(preview.samples.length === 0 ? 'the event is counted, and moves no metric' : 'the event moves');
  for (const sample of preview.samples) console.log(`  ${sample}`);
  return 0;
});
