import { spawn } from 'node:child_process';
import { ROOT } from './project.mjs';
import { waitForHealth } from './health.mjs';
import { ScriptError } from './script-error.mjs';
import { shellExitCode } from './step.mjs';

const END_WITH_LAUNCHER = new URL('end-with-launcher.mjs', import.meta.url).href;

/**
 * One long-running child. It drains and ends also when this process is killed and can tell it nothing. It gets a process group of its own: Ctrl-C on a terminal reaches every process of the
 * foreground group at once, and then nobody decides the order in which the apps stop.
 */
export class Service {
  /** @type {import('node:child_process').ChildProcess} */
  #child;

  /**
   * @param {string} name for messages
   * @param {string[]} args what `node` is to run
   * @param {NodeJS.ProcessEnv} env
   */
  constructor(name, args, env) {
    this.name = name;
    this.#child = spawn(process.execPath, ['--import', END_WITH_LAUNCHER, ...args], {
      cwd: ROOT,
      env,
      detached: true,
      // The last one is the pipe of end-with-launcher.mjs: whatever ends the launcher, nothing is left behind.
      stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
    });
    /** @type {Promise<number>} the exit code, as a shell would give it */
    this.exited = new Promise((resolve, reject) => {
      this.#child.once('error', reject);
      this.#child.once('exit', (code, signal) => resolve(shellExitCode(code, signal)));
    });
  }

  get pid() {
    return this.#child.pid;
  }

  get isRunning() {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /**
   * Resolves when the route answers 200.
   * @param {string} url
   * @param {number} timeoutMs
   * @param {AbortSignal} stop
   * @throws {ScriptError} when the process ends first, or does not get healthy in time
   */
  async healthy(url, timeoutMs, stop) {
    const ended = new AbortController();
    void this.exited.then((code) =>
      ended.abort(
        new ScriptError(
          `${this.name} ended (exit code ${code}) before it was healthy`,
          code === 0 ? 1 : code,
        ),
      ),
    );
    const late = AbortSignal.timeout(timeoutMs);
    try {
      await waitForHealth(url, AbortSignal.any([stop, ended.signal, late]));
    } catch (error) {
      if (!late.aborted || ended.signal.aborted || stop.aborted) throw error;
      throw new ScriptError(`${this.name} was not healthy within ${timeoutMs / 1000} s: ${url}`);
    }
  }

  /**
   * Asks the process to end, and waits until it has: it drains meanwhile.
   * @param {number} graceMs after this it is killed
   * @returns {Promise<number>} its exit code; not 0 when it had to be killed
   */
  async stop(graceMs) {
    if (!this.isRunning) return this.exited;
    this.#child.kill('SIGTERM');
    const limit = setTimeout(() => {
      console.error(`${this.name} did not stop within ${graceMs / 1000} s and was killed`);
      this.kill();
    }, graceMs);
    const code = await this.exited;
    clearTimeout(limit);
    return code;
  }

  /** Ends the process and whatever it started, at once. */
  kill() {
    if (!this.isRunning || this.#child.pid === undefined) return;
    process.kill(-this.#child.pid, 'SIGKILL');
  }
}
