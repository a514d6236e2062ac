// What `npm run infra:native` and `infra:nats` share: programs of the PATH that run until somebody stops the script.
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { ScriptError } from './script-error.mjs';

/** A Ctrl-C reaches the programs as soon as this script, and may end them first. */
const ECHO_MS = 200;

export const HOST = '127.0.0.1';
export const EXIT = { failed: 1, unavailable: 69, configuration: 78 };

/**
 * Asks for the port before the program does: its own answer to a taken port is a page of log.
 * @param {number} port 0 = any free one
 * @param {string} setting what to change when the port is taken
 * @returns {Promise<number>} the port, free a moment ago
 * @throws {ScriptError}
 */
export function claimPort(port, setting) {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (/** @type {NodeJS.ErrnoException} */ error) => {
      const reason = error.code === 'EADDRINUSE' ? 'is already in use' : `cannot be used (${error.code})`;
      const message = `port ${port} on ${HOST} ${reason}; set ${setting} to another`;
      reject(new ScriptError(message, EXIT.failed));
    });
    probe.listen(port, HOST, () => {
      const address = probe.address();
      const claimed = address !== null && typeof address === 'object' ? address.port : port;
      probe.close(() => resolve(claimed));
    });
  });
}

/** A program of the PATH. */
export class InfraProgram {
  /**
   * Starts it.
   * @param {string} command
   * @param {string[]} args
   * @param {string} hint how to get the program when it is missing
   * @param {'inherit' | 'pipe'} output where what it writes goes
   */
  constructor(command, args, hint, output = 'inherit') {
    this.command = command;
    this.child = spawn(command, args, { stdio: ['ignore', output, output] });
    /** Resolves when it has ended, to how; rejects when it cannot be started. @type {Promise<string>} */
    this.ended = new Promise((resolve, reject) => {
      this.child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
      this.child.once('error', (/** @type {NodeJS.ErrnoException} */ error) => {
        const isMissing = error.code === 'ENOENT';
        const message = isMissing
          ? `there is no "${command}" on the PATH; ${hint}`
          : `${command} did not start: ${error.message}`;
        reject(new ScriptError(message, isMissing ? EXIT.unavailable : EXIT.failed));
      });
    });
  }

  async stop() {
    this.child.kill('SIGTERM');
    // A child that never started has no pid and no exit to wait for.
    if (this.child.pid !== undefined) await this.ended;
  }
}

/**
 * Waits until all programs are ready, calls `onReady`, and stays until `stop` or until one of them ends by itself. All have ended when it
 * returns.
 * @param {InfraProgram[]} programs
 * @param {{ untilReady: (over: AbortSignal) => Promise<void>, onReady: () => void, stop: AbortSignal }} how
 * @throws {ScriptError} when one could not be started, was not ready in time, or ended by itself
 */
export async function runUntilStopped(programs, { untilReady, onReady, stop }) {
  const over = new AbortController();
  const stopAll = () => Promise.all(programs.map((program) => program.stop()));
  const onStop = () => void stopAll();
  stop.addEventListener('abort', onStop);
  const firstEnd = Promise.race(
    programs.map(async ({ command, ended }) => `${command} ended by itself (${await ended})`),
  ).finally(() => over.abort());
  try {
    if (stop.aborted) onStop();
    await Promise.race([firstEnd, untilReady(over.signal)]);
    if (!over.signal.aborted) onReady();
    const message = await firstEnd;
    await delay(ECHO_MS, undefined, { signal: stop }).catch(() => undefined);
    if (!stop.aborted) throw new ScriptError(message, EXIT.failed);
  } finally {
    stop.removeEventListener('abort', onStop);
    await stopAll();
  }
}

/**
 * Like `runScript`, with the command's name in front of the one line that explains a failure.
 * @param {string} name
 * @param {() => Promise<void>} body
 * @returns {Promise<void>}
 */
export async function named(name, body) {
  try {
    await body();
  } catch (error) {
    if (!(error instanceof ScriptError)) throw error;
    throw new ScriptError(`${name}: ${error.message}`, error.exitCode);
  }
}
