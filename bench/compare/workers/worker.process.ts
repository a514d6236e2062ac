import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';
import type { Answer, Command } from './protocol.js';

/** A worker that ended, answered with a fault, or did not answer in time. */
export class WorkerError extends Error {
  readonly code = 'ERR_BENCH_WORKER';
}

/** Longest that any single command may take. */
const ANSWER_WITHIN_MS = 300_000;

/** A worker process, seen from the runner: one command at a time, one line each way. */
export class WorkerProcess {
  private readonly lines: AsyncIterator<string>;
  private readonly reader: Interface;
  private readonly ended: Promise<void>;

  private constructor(
    private readonly name: string,
    private readonly child: ChildProcess,
  ) {
    if (child.stdout === null) throw new WorkerError(`${name} has no output`);
    this.reader = createInterface({ input: child.stdout });
    this.lines = this.reader[Symbol.asyncIterator]();
    this.ended = new Promise((resolve) => child.once('close', () => resolve()));
    // A worker that died is told by the answer that is missing, not by the pipe that broke.
    child.stdin?.on('error', () => undefined);
  }

  /**
   * Starts one and waits until it is ready.
   * @throws WorkerError
   */
  static async start(
    name: string,
    program: string,
    args: readonly string[],
    env: NodeJS.ProcessEnv = process.env,
  ): Promise<WorkerProcess> {
    const worker = new WorkerProcess(name, spawn(program, args, { env, stdio: ['pipe', 'pipe', 'inherit'] }));
    await worker.answer('the start');
    return worker;
  }

  /** The process, for those who look at it from outside. */
  get pid(): number {
    return this.child.pid ?? 0;
  }

  /**
   * Tells it to do something and gives its answer.
   * @throws WorkerError
   */
  async call<Keys extends string>(command: Command): Promise<Readonly<Record<Keys, number>>> {
    this.child.stdin?.write(`${JSON.stringify(command)}\n`);
    return (await this.answer(`"${command.do}"`)) as Readonly<Record<Keys, number>>;
  }

  /** Lets it close its end and leave; after two seconds it is killed. */
  async stop(): Promise<void> {
    this.child.stdin?.end();
    const limit = setTimeout(() => this.child.kill('SIGKILL'), 2000);
    await this.ended;
    clearTimeout(limit);
    this.reader.close();
  }

  private async answer(what: string): Promise<Answer> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        this.child.kill('SIGKILL');
        reject(new WorkerError(`${this.name}: no answer to ${what} within ${ANSWER_WITHIN_MS / 1000} s`));
      }, ANSWER_WITHIN_MS);
    });
    const line = await Promise.race([this.lines.next(), late]);
    clearTimeout(timer);
    if (line.done === true) throw new WorkerError(`${this.name} ended at ${what}`);
    const answer = JSON.parse(line.value) as Answer & { error?: string };
    if (answer.error !== undefined) throw new WorkerError(`${this.name}: ${answer.error}`);
    return answer;
  }
}
