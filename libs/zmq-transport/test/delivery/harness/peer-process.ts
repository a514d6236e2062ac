import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { until } from '../../harness/until.js';

const INDEX = join(__dirname, '../../../src/index.ts');
const TYPESCRIPT = join(__dirname, '../../../../transport-core/test/harness/typescript.cjs');

/** A server or a client in a process of its own, which can be stopped and killed. */
export class PeerProcess {
  readonly lines: string[] = [];
  private stderr = '';
  private readonly child: ChildProcess;
  private readonly ended: Promise<void>;

  /** @param body runs with everything that the library exports as `zmq`, and `say(line)` */
  constructor(body: string) {
    const program = `
      const { writeSync } = require('node:fs');
      const zmq = require(${JSON.stringify(INDEX)});
      require('@nestjs/common').Logger.overrideLogger(false);
      const say = (line) => writeSync(1, line + '\\n');
      (async () => { ${body} })();
    `;
    this.child = spawn(process.execPath, ['-r', TYPESCRIPT, '-e', program]);
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    createInterface({ input: this.child.stdout ?? process.stdin }).on('line', (line) =>
      this.lines.push(line),
    );
    this.ended = new Promise((resolve) => this.child.once('close', () => resolve()));
  }

  /** Waits for a line that begins with `word`. @returns what follows it */
  async said(word: string): Promise<string> {
    const find = (): string | undefined => this.lines.find((line) => line.startsWith(`${word} `));
    await until(() => find() !== undefined || this.child.exitCode !== null, 30_000);
    const line = find();
    if (line === undefined) {
      throw new Error(`the process ended and did not say ${word}: ${this.stderr}`);
    }
    return line.slice(word.length + 1);
  }

  /** Null while it runs, and after a signal. */
  get exitCode(): number | null {
    return this.child.exitCode;
  }

  get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Numbers that it said after `word`, in order. */
  numbers(word: string): number[] {
    return this.lines
      .filter((line) => line.startsWith(`${word} `))
      .map((line) => Number(line.slice(word.length + 1)));
  }

  /** Takes the process off the processor: it looks as if it hung. */
  freeze(): void {
    this.child.kill('SIGSTOP');
  }

  thaw(): void {
    this.child.kill('SIGCONT');
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
  }
}

/** Starts processes, and ends them all with a spec. */
export class PeerScope {
  private readonly peers: PeerProcess[] = [];

  /** @param body see {@link PeerProcess} */
  readonly start = (body: string): PeerProcess => {
    const peer = new PeerProcess(body);
    this.peers.push(peer);
    return peer;
  };

  async dispose(): Promise<void> {
    for (const peer of this.peers.splice(0)) await peer.kill();
  }
}

/** A server that says each `tick` it handles. */
export const TICK_SERVER = `
  const server = new zmq.ZmqServer({
    pair: 'dealer-router', bind: 'tcp://127.0.0.1:*', heartbeatIntervalMs: 50,
  });
  server.addHandler('tick', async ({ n }) => say('tick ' + n), true);
  server.listen((error) => say(error ? 'failed ' + error : 'bound ' + server.boundAddresses[0]));
`;

/** A client that emits without end, and says what is stored. */
export function tickClient(options: object, from = 1): string {
  return `
    const client = new zmq.ZmqClient(${JSON.stringify(options)});
    await client.open();
    let n = ${from};
    say('open 1');
    const emit = async () => {
      const mine = n++;
      const delivery = await client.deliver('tick', { n: mine });
      await delivery.stored;
      say('stored ' + mine);
    };
    for (;;) {
      await Promise.all(Array.from({ length: 20 }, emit));
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  `;
}
