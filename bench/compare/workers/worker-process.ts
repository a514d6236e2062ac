import { Program } from '../../../testing/program.js';
import type { Answer, Command } from './protocol.js';

/** A worker that ended, answered with a fault, or did not answer in time. */
export class WorkerError extends Error {
  readonly code = 'ERR_BENCH_WORKER';
}

/** Longest that any single command may take. */
const ANSWER_WITHIN_MS = 300_000;
const END_WITHIN_MS = 2_000;

/** A worker process, seen from the runner: one command at a time, one line each way. */
export class WorkerProcess {
  private constructor(
    private readonly name: string,
    private readonly program: Program,
  ) {
    // The missing answer reports a worker that died, not the broken pipe.
    program.input.on('error', () => undefined);
  }

  /**
   * Starts one and waits until it is ready.
   * @throws WorkerError
   */
  static async start(
    name: string,
    command: string,
    args: readonly string[],
    environment: NodeJS.ProcessEnv = process.env,
  ): Promise<WorkerProcess> {
    const program = new Program(command, args, {}, { name, environment, hasInput: true });
    const worker = new WorkerProcess(name, program);
    await worker.answer('the start');
    return worker;
  }

  /** The process, for measurements from outside. */
  get pid(): number {
    return this.program.pid;
  }

  /**
   * Sends it a command and returns its answer.
   * @throws WorkerError
   */
  async call<Keys extends string>(command: Command): Promise<Readonly<Record<Keys, number>>> {
    this.program.input.write(`${JSON.stringify(command)}\n`);
    return (await this.answer(`"${command.do}"`)) as Readonly<Record<Keys, number>>;
  }

  /** Lets it close its end and exit; kills it after two seconds. */
  async stop(): Promise<void> {
    if (!this.program.isRunning) return;
    this.program.input.end();
    const limit = setTimeout(() => void this.program.kill(), END_WITHIN_MS);
    await this.program.exited;
    clearTimeout(limit);
  }

  private async answer(what: string): Promise<Answer> {
    let isLate = false;
    const limit = setTimeout(() => {
      isLate = true;
      void this.program.kill();
    }, ANSWER_WITHIN_MS);
    const line = await this.program.nextLine();
    clearTimeout(limit);
    if (isLate)
      throw new WorkerError(`${this.name}: no answer to ${what} within ${ANSWER_WITHIN_MS / 1000} s`);
    if (line === undefined)
      throw new WorkerError(`${this.name} ended at ${what}: ${this.program.stderr.trimEnd()}`);
    const answer = JSON.parse(line) as Answer & { error?: string };
    if (answer.error !== undefined) throw new WorkerError(`${this.name}: ${answer.error}`);
    return answer;
  }
}
