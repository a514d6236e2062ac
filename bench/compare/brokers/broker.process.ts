import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cpuSecondsIn, statOf } from '../processor.time.js';
import { type BrokerProgram, findProgram } from './broker.programs.js';

const READY_WITHIN_MS = 60_000;

/** A broker that did not start. */
export class BrokerError extends Error {
  readonly code = 'ERR_BENCH_BROKER';
}

/** A throw-away server. It leads a process group: what it starts in turn is counted with it, and ends with it. */
export class BrokerProcess {
  private constructor(
    private readonly child: ChildProcess,
    private readonly folder: string,
  ) {}

  /**
   * Starts one on this port and waits until it takes connections.
   * @throws BrokerError
   */
  static async start(broker: BrokerProgram, port: number): Promise<BrokerProcess> {
    const program = findProgram(broker.program);
    if (program === undefined) throw new BrokerError(`${broker.program} is not installed`);
    const folder = mkdtempSync(join(tmpdir(), 'bench-broker-'));
    const { args, env, shell } = broker.launch(port, folder);
    const [command, ...rest] =
      shell === undefined ? [program, ...args] : ['sh', '-c', shell, 'sh', program, ...args];
    const child = spawn(command, rest, { env: { ...process.env, ...env }, detached: true, stdio: 'ignore' });
    const started = new BrokerProcess(child, folder);
    process.once('exit', () => started.discard());
    const deadline = Date.now() + READY_WITHIN_MS;
    while (!(await takesConnections(port))) {
      if (child.exitCode !== null || Date.now() > deadline) {
        await started.stop();
        throw new BrokerError(`${broker.program} did not start`);
      }
      await sleep(50);
    }
    return started;
  }

  /** CPU time of the whole group so far, in seconds; 0 where there is no /proc. */
  cpuSeconds(): number {
    const stats = processIds().map((pid) => statOf(pid));
    const group = String(this.child.pid);
    return stats.reduce((sum, stat) => (stat[2] === group ? sum + cpuSecondsIn(stat) : sum), 0);
  }

  /** Ends it and removes its files. */
  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.child.once('close', resolve));
    this.kill();
    if (this.child.exitCode === null && this.child.signalCode === null) await ended;
    this.removeFiles();
  }

  /** The same without waiting: all that an exiting process can do. */
  private discard(): void {
    this.kill();
    this.removeFiles();
  }

  private removeFiles(): void {
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  private kill(): void {
    if (this.child.pid === undefined) return;
    try {
      process.kill(-this.child.pid, 'SIGKILL');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}

function processIds(): string[] {
  return process.platform === 'linux' ? readdirSync('/proc').filter((name) => /^\d+$/.test(name)) : [];
}

function takesConnections(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    const done = (taken: boolean) => (): void => {
      socket.destroy();
      resolve(taken);
    };
    socket.once('connect', done(true)).once('error', done(false));
  });
}
