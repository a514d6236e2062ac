// `npm run changeset`: changesets of the published packages. They are found by libs/package.json, whose folder changesets takes as its root.
import { join } from 'node:path';
import { ensureInstalled } from './lib/install.mjs';
import { readOptions } from './lib/options.mjs';
import { packageFile, ROOT } from './lib/project.mjs';
import { runScript, ScriptError } from './lib/script-error.mjs';
import { runInteractively } from './lib/step.mjs';

const COMMANDS = ['add', 'version', 'status'];
const USAGE = `usage: npm run changeset -- [COMMAND]
Versions and changelogs of the packages nestjs-zmq-transport and nestjs-jetstream-transport.
  COMMAND  add (asks what changed, and notes it in libs/.changeset; taken when none is named), version (turns the notes into
           the next version and CHANGELOG.md), status`;

await runScript(async () => {
  const { words } = readOptions('changeset', USAGE, { takesWords: true });
  const [command = 'add'] = words;
  if (words.length > 1 || !COMMANDS.includes(command))
    throw new ScriptError(`changeset: the commands are ${COMMANDS.join(', ')}`, 64);
  await ensureInstalled();
  const changesets = packageFile('@changesets', 'cli', 'bin.js');
  return runInteractively(process.execPath, [changesets, command], join(ROOT, 'libs'));
});
