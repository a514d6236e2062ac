import { Program } from '../../../testing/program.js';
import { answersOk } from '../../../testing/stack.js';
import { cpuSecondsIn, statOf } from '../processor-time.js';
import { WorkerError } from '../workers/worker-process.js';
import type { ServiceProgram } from './service-programs.js';

const READY_WITHIN_MS = 30_000;
const END_WITHIN_MS = 10_000;
/** How much of its output is shown when it does not start. */
const KEPT_CHARACTERS = 4_000;

/** A whole service in its own process, measured from outside: no code of the bench runs in it. */
export class ServiceProcess {
  private constructor(private readonly program: Program) {}

  /**
   * Starts one and waits until it answers.
   * @throws WorkerError
   */
  static async start(
    name: string,
    { command, args, env, readyUrl }: ServiceProgram,
  ): Promise<ServiceProcess> {
    const options = {
      name,
      environment: { ...process.env, ...env },
      keptCharacters: KEPT_CHARACTERS,
    };
    const program = new Program(command, args, {}, options);
    try {
      await program.until('an answer', () => answersOk(readyUrl), READY_WITHIN_MS);
    } catch (error) {
      await program.kill();
      throw new WorkerError(`${name} did not start`, { cause: error });
    }
    return new ServiceProcess(program);
  }

  /** CPU time so far, user and system, all threads, in seconds. */
  cpuSeconds(): number {
    return cpuSecondsIn(statOf(this.program.pid));
  }

  /** Lets it drain and end; kills it after ten seconds. */
  async stop(): Promise<void> {
    await this.program.stop('SIGTERM', END_WITHIN_MS);
  }
}
