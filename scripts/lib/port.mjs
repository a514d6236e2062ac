import { createServer } from 'node:net';
import { ScriptError } from './script-error.mjs';

/** What Kubernetes puts into the environment, as NAME_PORT, for each Service in sight (and Docker's links before it). */
const SERVICE_ADDRESS = /^(tcp|udp|sctp):\/\//;

/**
 * A port as somebody set it; one that a Service's name has set is none of ours.
 * @param {string} variable
 * @param {NodeJS.ProcessEnv} env
 * @returns {string | undefined} undefined when it is not set
 */
export function portSetting(variable, env) {
  const text = env[variable]?.trim();
  // An empty value means "not set", as it does for the apps.
  if (!text) return undefined;
  if (!SERVICE_ADDRESS.test(text)) return text;
  console.error(`${variable}=${text} is the address of a Kubernetes Service and is ignored`);
  return undefined;
}

/**
 * Fails at once when somebody else holds a port. Whatever else is wrong with the address the app says itself. Checked before anything is started: a health check would
 * otherwise be answered by whoever holds the port, and be taken for our own app's.
 * @param {{ app: string, host: string, port: number | undefined, variable: string }} address
 * @returns {Promise<void>}
 * @throws {ScriptError} one line that names the variable to change
 */
export function assertPortIsFree({ app, host, port, variable }) {
  if (port === undefined) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error) => {
      if (!('code' in error) || error.code !== 'EADDRINUSE') resolve();
      else
        reject(
          new ScriptError(`${app}: port ${port} on ${host} is already in use; set ${variable} to another`),
        );
    });
    probe.listen({ host, port }, () => probe.close(() => resolve()));
  });
}
