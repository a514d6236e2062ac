// `npm run build`: builds everything, fresh or not.
// `node scripts/build.mjs --stale [targets...]`: only what is missing or older than its sources.
import { ALL_TARGETS, build } from './lib/build.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { runScript, ScriptError } from './lib/script-error.mjs';

await runScript(async () => {
  const args = process.argv.slice(2);
  const named = args.filter((arg) => arg !== '--stale');
  const targets = ALL_TARGETS.filter((target) => named.length === 0 || named.includes(target));
  if (named.length > targets.length)
    throw new ScriptError(`build: the targets are ${ALL_TARGETS.join(', ')}`, 64);
  await ensureInstalled();
  await build(targets, { onlyStale: args.includes('--stale') });
});
