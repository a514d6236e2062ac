// `npm run build`: builds everything, fresh or not.
// `node scripts/build.mjs --stale [targets...]`: only what is missing or older than its sources.
import { ALL_TARGETS, build } from './lib/build.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { runScript, ScriptError } from './lib/script-error.mjs';
import { readOptions } from './lib/options.mjs';

const USAGE = `usage: npm run build -- [--stale] [TARGET …]
  --stale  only what is missing or older than its sources
  TARGET   ${ALL_TARGETS.join(', ')}; all unless some are named`;

await runScript(async () => {
  const { values, words: named } = readOptions('build', USAGE, { takesWords: true });
  const targets = ALL_TARGETS.filter((target) => named.length === 0 || named.includes(target));
  if (named.length > targets.length)
    throw new ScriptError(`build: the targets are ${ALL_TARGETS.join(', ')}`, 64);
  await ensureInstalled();
  await build(targets, { onlyStale: values['stale'] === true });
});
