import { ScriptError } from './script-error.mjs';
import { stopSignal } from './stop-signal.mjs';

/** Longer than the apps' own drain limits: past it, something is stuck. */
const STOP_GRACE_MS = 20_000;

/**
 * Starts services in order, keeps them together, and stops them in the reverse order: what feeds others ends first,
 * so that what it still sends is received.
 */
export class Supervisor {
  /** @type {import('./service.mjs').Service[]} */
  #services = [];
  /** True once we end them ourselves. */
  #stopping = false;

  constructor() {
    /** Fires when a person or a system asks us to stop. */
    this.stopRequested = stopSignal(() => {
      console.error('stopped again: ending the apps at once');
      for (const service of this.#services) service.kill();
    });
  }

  /**
   * Runs `start`, then watches until a stop is asked for or a service dies, and stops everything.
   * @param {(add: (service: import('./service.mjs').Service) => void) => Promise<void>} start
   * @returns {Promise<number>} 0 when a stop was asked for and every service ended well
   */
  async run(start) {
    /** @type {number} */
    let code;
    try {
      await start((service) => this.#services.push(service));
      code = await this.#untilStopOrDeath();
    } catch (error) {
      code = this.#codeOf(error);
    }
    const asked = this.stopRequested.aborted;
    this.#stopping = true;
    for (const service of this.#services.toReversed()) {
      const wasRunning = service.isRunning;
      const own = await service.stop(STOP_GRACE_MS);
      if (wasRunning && !asked) console.error(`${service.name} was stopped (exit code ${own})`);
      code = code === 0 ? own : code;
    }
    return code;
  }

  /** @returns {Promise<number>} */
  #untilStopOrDeath() {
    const asked = new Promise((resolve) => {
      if (this.stopRequested.aborted) resolve(0);
      this.stopRequested.addEventListener('abort', () => resolve(0), { once: true });
    });
    const deaths = this.#services.map(async (service) => {
      const code = await service.exited;
      // After a stop was asked for, or begun by us for another one's end, an end is what was wanted.
      if (!this.stopRequested.aborted && !this.#stopping)
        console.error(`${service.name} ended by itself (exit code ${code}); stopping the rest`);
      return code === 0 ? 1 : code;
    });
    return Promise.race([asked, ...deaths]);
  }

  /**
   * @param {unknown} error what ended the start
   * @returns {number}
   */
  #codeOf(error) {
    if (this.stopRequested.aborted) return 0;
    if (!(error instanceof ScriptError)) throw error;
    console.error(error.message);
    return error.exitCode;
  }
}
