import { readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { ScratchFolder } from '../../../testing/folder.js';
import { Program } from '../../../testing/program.js';
import { cpuSecondsIn, statOf } from '../processor-time.js';
import { type BrokerProgram, findProgram } from './broker-programs.js';

const READY_WITHIN_MS = 60_000;
/** How much of its output is shown when it does not start. */
const KEPT_CHARACTERS = 4_000;

/** A broker that did not start. */
export class BrokerError extends Error {
  readonly code = 'ERR_BENCH_BROKER';
}

/** A throw-away server. It leads a process group: the processes that it starts are measured with it, and end with it. */
export class BrokerProcess {
  private constructor(
    private readonly program: Program,
    private readonly folder: ScratchFolder,
  ) {}

  /**
   * Starts one on this port and waits until it takes connections.
   * @throws BrokerError
   */
  static async start(broker: BrokerProgram, port: number): Promise<BrokerProcess> {
    const command = findProgram(broker.program);
    if (command === undefined) throw new BrokerError(`${broker.program} is not installed`);
    const folder = new ScratchFolder('bench-broker-');
    const { args, env, shell } = broker.launch(port, folder.path);
    const [first, ...rest] =
      shell === undefined ? [command, ...args] : ['sh', '-c', shell, 'sh', command, ...args];
    const options = {
      name: broker.program,
      environment: { ...process.env, ...env },
      keptCharacters: KEPT_CHARACTERS,
    };
    const started = new BrokerProcess(new Program(first ?? command, rest, {}, options), folder);
    try {
      await started.program.until('a connection', () => takesConnections(port), READY_WITHIN_MS);
    } catch (error) {
      await started.stop();
      throw new BrokerError(`${broker.program} did not start`, { cause: error });
    }
    return started;
  }

  /** CPU time of the whole group so far, in seconds; 0 where there is no /proc. */
  cpuSeconds(): number {
    const stats = processIds().map((pid) => statOf(pid));
    const group = String(this.program.pid);
    return stats.reduce((sum, stat) => (stat[2] === group ? sum + cpuSecondsIn(stat) : sum), 0);
  }

  /** Stops it and removes its files. */
  async stop(): Promise<void> {
    await this.program.kill();
    this.folder.remove();
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
