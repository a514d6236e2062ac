import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { cpuSecondsIn, statOf } from '../processor.time.js';
import { WorkerError } from '../workers/worker.process.js';
import type { ServiceProgram } from './service.programs.js';

const READY_WITHIN_MS = 30_000;
const END_WITHIN_MS = 10_000;

/** A whole service in a process of its own, measured from outside: nothing of the bench runs in it. */
export class ServiceProcess {
  private readonly ended: Promise<void>;
  private readonly killAtExit = (): void => void this.child.kill('SIGKILL');

  private constructor(private readonly child: ChildProcess) {
    this.ended = new Promise((resolve) => child.once('close', () => resolve()));
    process.once('exit', this.killAtExit);
  }

  /**
   * Starts one and waits until it answers.
   * @throws WorkerError
   */
  static async start(name: string, program: ServiceProgram): Promise<ServiceProcess> {
    const env = { ...process.env, ...program.env };
    const child = spawn(program.command, program.args, { env, stdio: ['ignore', 'ignore', 'inherit'] });
    const service = new ServiceProcess(child);
    let fault: Error | undefined;
    child.once('error', (error) => (fault = error));
    const deadline = Date.now() + READY_WITHIN_MS;
    while (!(await answers(program.readyUrl))) {
      const over = fault !== undefined || child.exitCode !== null || Date.now() > deadline;
      if (over) {
        await service.stop();
        throw new WorkerError(`${name} did not start: ${fault?.message ?? `exit code ${child.exitCode}`}`);
      }
      await sleep(50);
    }
    return service;
  }

  /** CPU time so far, user and system, all threads, in seconds. */
  cpuSeconds(): number {
    return cpuSecondsIn(statOf(this.child.pid ?? 0));
  }

  /** Lets it drain and leave; after ten seconds it is killed. */
  async stop(): Promise<void> {
    const isRunning = this.child.pid !== undefined && this.child.exitCode === null;
    if (isRunning && this.child.signalCode === null) {
      this.child.kill('SIGTERM');
      const limit = setTimeout(() => this.child.kill('SIGKILL'), END_WITHIN_MS);
      await this.ended;
      clearTimeout(limit);
    }
    process.off('exit', this.killAtExit);
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url);
    await response.arrayBuffer();
    return response.ok;
  } catch (error) {
    // fetch() tells every failure of the connection by a TypeError: nobody listens yet.
    if (error instanceof TypeError) return false;
    throw error;
  }
}
