import { join } from 'node:path';
import { Program } from '../../../../../testing/program.js';

const INDEX = join(__dirname, '../../../src/index.ts');
const TYPESCRIPT = join(__dirname, '../../../../transport-core/test/harness/typescript.cjs');

/** A server or a client in a process of its own, which can be stopped and killed. */
export class PeerProcess {
  private readonly program: Program;

  /** @param body runs with everything that the library exports as `zmq`, and `say(line)` */
  constructor(body: string) {
    const code = `
      const { writeSync } = require('node:fs');
      const zmq = require(${JSON.stringify(INDEX)});
      require('@nestjs/common').Logger.overrideLogger(false);
      const say = (line) => writeSync(1, line + '\\n');
      (async () => { ${body} })();
    `;
    this.program = new Program(process.execPath, ['-r', TYPESCRIPT, '-e', code], {}, { name: 'the peer' });
  }

  /** Waits for a line that begins with `word`. @returns what follows it */
  async said(word: string): Promise<string> {
    const [, rest = ''] = await this.program.waitForOutput(new RegExp(`^${word} (.*)$`, 'm'));
    return rest;
  }

  /** Null while it runs, and after a signal. */
  get exitCode(): number | null {
    return this.program.exitCode;
  }

  get isRunning(): boolean {
    return this.program.isRunning;
  }

  /** Numbers that it said after `word`, in order. */
  numbers(word: string): number[] {
    return this.program.lines
      .filter((line) => line.startsWith(`${word} `))
      .map((line) => Number(line.slice(word.length + 1)));
  }

  /** Takes the process off the processor: it looks as if it hung. */
  freeze(): void {
    this.program.signal('SIGSTOP');
  }

  thaw(): void {
    this.program.signal('SIGCONT');
  }

  async kill(): Promise<void> {
    await this.program.kill();
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
