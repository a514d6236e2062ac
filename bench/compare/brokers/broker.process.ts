import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type BrokerProgram, findProgram } from './broker.programs.js';

const READY_WITHIN_MS = 60_000;
/** Linux counts a process' CPU time in hundredths of a second, whatever its clock does. */
const TICKS_PER_SECOND = 100;

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
    let ticks = 0;
    for (const pid of processIds()) {
      const fields = statOf(pid);
      // After the name: state, parent, group, …, utime and stime.
      if (fields[2] === String(this.child.pid)) ticks += Number(fields[11]) + Number(fields[12]);
    }
    return ticks / TICKS_PER_SECOND;
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

function statOf(pid: string): string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    // It ended between the listing and the reading.
    return [];
  }
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
