import { createServer } from 'node:net';
import { ScriptError } from './script-error.mjs';

/**
 * Fails at once when an address cannot be listened on. Checked before anything is started: a health check would
 * otherwise be answered by whoever holds the port, and be taken for our own app's.
 * @param {{ app: string, host: string, port: number, variable: string }} address
 * @returns {Promise<void>}
 * @throws {ScriptError} one line that names the variable to change
 */
export function assertPortIsFree({ app, host, port, variable }) {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error) => {
      const why =
        'code' in error && error.code === 'EADDRINUSE'
          ? 'is already in use'
          : `cannot be used (${error.message})`;
      reject(new ScriptError(`${app}: port ${port} on ${host} ${why}; set ${variable} to another`));
    });
    probe.listen({ host, port }, () => probe.close(() => resolve()));
  });
}
