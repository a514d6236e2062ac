import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { portSetting } from './port.mjs';
import { ROOT } from './project.mjs';
import { ScriptError } from './script-error.mjs';

/** @typedef {{ app: string, variable: string, host: string, port: number | undefined, url: string, env: NodeJS.ProcessEnv }} AppSettings */

const defaultPorts = { sidecar: 8001, publisher: 8000 };

/**
 * Where an app will listen, and the environment that makes it so. Both apps read `PORT`, so one shell cannot set it
 * for each: the launcher takes `SIDECAR_PORT` and `PUBLISHER_PORT` instead, and hands each on as that app's `PORT`.
 * Everything else is the app's own: its environment first, then its .env file. So are settings that cannot be used: the app
 * lists them all, and ends with 78.
 * @param {keyof typeof defaultPorts} app
 * @param {NodeJS.ProcessEnv} env
 * @param {Record<string, string>} [defaults] what the launcher knows better than the app, unless somebody says otherwise
 * @returns {AppSettings}
 * @throws {ScriptError} for port 0: where an app listens then only the app knows
 */
export function settingsOf(app, env, defaults = {}) {
  const envFile = join(ROOT, 'apps', app, '.env');
  const file = existsSync(envFile) ? parseEnv(readFileSync(envFile, 'utf8').replace(/^\uFEFF/, '')) : {};
  const variable = `${app.toUpperCase()}_PORT`;
  const unsaid = Object.fromEntries(Object.entries(defaults).filter(([key]) => !(key in file)));
  // An empty value means "not set", as it does for the apps.
  const host = env['HOST'] || file['HOST'] || '127.0.0.1';
  const set = portSetting(variable, env);
  const text = set || file['PORT'] || String(defaultPorts[app]);
  const given = Number(text);
  if (given === 0) throw new ScriptError(`${app}: ${variable} must be a port from 1 to 65535, not 0`, 78);
  const port = Number.isInteger(given) && given > 0 && given <= 65_535 ? given : undefined;
  if (port === undefined && set !== undefined) console.error(`${variable} becomes the PORT of the ${app}`);
  return {
    app,
    variable,
    host,
    port,
    url: `http://${reachable(host)}:${port}`,
    env: { ...unsaid, ...env, HOST: host, PORT: text },
  };
}

/**
 * @param {string} host an address to listen on
 * @returns {string} an address to ask: a wildcard is no destination
 */
function reachable(host) {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}
