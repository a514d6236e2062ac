// `npm run keys`: makes the CURVE keys that both apps read, and changes them while the apps run. Needs nothing installed.
import { resolve } from 'node:path';
import { readOptions } from './lib/options.mjs';
import { ROOT } from './lib/project.mjs';
import { KeySet } from './lib/key-set.mjs';
import { runScript, ScriptError } from './lib/script-error.mjs';

const USAGE = `usage:
npm run keys                    a server and the client "publisher" (--force replaces a set)
npm run keys -- add NAME        one more client, which may connect at once
npm run keys -- revoke NAME     the client may no longer connect; a running sidecar cuts its connection
npm run keys -- rotate NAME     a new key for the client; at the end all clients connect again
npm run keys -- rotate server   a new key for the server; publishers wait a few seconds and lose nothing
npm run keys -- list            the clients that may connect

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
    return `${name} may connect with ${keys.folder}/clients/${name}.key and ${keys.folder}/server.pub`;
  }
  if (command === 'revoke') {
    keys.revoke(name);
    return `${name} may no longer connect`;
  }
  console.log('changing the key; running apps follow by themselves …');
  await (name === 'server' ? keys.rotateServer() : keys.rotateClient(name));
  return `${name} has a new key`;
}

await runScript(async () => {
  const { values, words: positionals } = readOptions('keys', USAGE, { takesWords: true });
  const folder = resolve(ROOT, String(values['dir'] ?? (process.env['CURVE_KEYS'] || 'keys')));
  const [command = 'create', name, ...rest] = positionals;
  if (rest.length > 0) throw new ScriptError(USAGE, 64);
  console.log(await act(new KeySet(folder), command, name, values['force'] === true));
});
