// `npm run keys`: makes the CURVE keys that both apps read, and changes them while the apps run. Needs nothing installed.
import { resolve } from 'node:path';
import { readOptions } from './lib/options.mjs';
import { ROOT } from './lib/project.mjs';
import { KeySet } from './lib/key-set.mjs';
import { runScript, ScriptError } from './lib/script-error.mjs';

const USAGE = `usage:
npm run keys                    a server and the client "publisher" (--force replaces a set)
npm run keys -- add NAME        one more client, which may come in at once
npm run keys -- revoke NAME     its key opens nothing any more; running apps cut its connection
npm run keys -- rotate NAME     another key for this client; in the end all connections are made anew
npm run keys -- rotate server   another key for the server; publishers wait a few seconds, nothing that waits is lost
npm run keys -- list            who may come in

--dir FOLDER  where the keys are (default: CURVE_KEYS, or keys)`;

/**
 * @param {KeySet} keys
 * @param {string} command
 * @param {string | undefined} name
 * @param {boolean} force
 * @returns {Promise<string>} what to tell
 */
async function act(keys, command, name, force) {
  if (command === 'create' && name === undefined) {
    keys.create({ force });
    return `made ${keys.folder}: server.key and allowed/ for the sidecar, clients/publisher.key and server.pub for the publisher`;
  }
  if (command === 'list' && name === undefined) {
    return keys.clients.join('\n');
  }
  if (name === undefined || !['add', 'revoke', 'rotate'].includes(command)) {
    throw new ScriptError(USAGE, 64);
  }
  if (command === 'add') {
    keys.add(name);
    return `${name} may come in with ${keys.folder}/clients/${name}.key and ${keys.folder}/server.pub`;
  }
  if (command === 'revoke') {
    keys.revoke(name);
    return `${name} may not come in any more`;
  }
  console.log('changing over; running apps follow by themselves …');
  await (name === 'server' ? keys.rotateServer() : keys.rotateClient(name));
  return `${name} has another key`;
}

await runScript(async () => {
  const { values, words: positionals } = readOptions('keys', USAGE, { takesWords: true });
  const folder = resolve(ROOT, String(values['dir'] ?? (process.env['CURVE_KEYS'] || 'keys')));
  const [command = 'create', name, ...rest] = positionals;
  if (rest.length > 0) throw new ScriptError(USAGE, 64);
  console.log(await act(new KeySet(folder), command, name, values['force'] === true));
});
