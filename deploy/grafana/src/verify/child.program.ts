import { spawn, type ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';

/** From the repository's root, where the proof runs. */
const END_WITH_LAUNCHER = './scripts/lib/end-with-launcher.mjs';
const STOP_GRACE_MS = 15_000;

/** A Node program of the repository that runs for the proof, its output kept for the case of a failure. */
export class ChildProgram {
  private readonly child: ChildProcess;
  private readonly ended: Promise<void>;
  private output = '';

  /** @param environment wins over the inherited one */
  constructor(
    readonly name: string,
    file: string,
    environment: Readonly<Record<string, string>>,
  ) {
    const env = { ...process.env, NO_COLOR: '1', ...environment };
    // It ends by itself when this process is killed and can tell it nothing: by the pipe that nobody writes to.
    this.child = spawn(process.execPath, ['--import', END_WITH_LAUNCHER, file], {
      env,
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    });
    this.ended = new Promise((resolve) => this.child.once('close', () => resolve()));
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => (this.output += text));
  }

  /** @throws Error with the program's output once it has ended */
  assertRunning(): void {
    if (this.child.exitCode === null && this.child.signalCode === null) return;
    throw new Error(`${this.name} ended by itself:\n${this.output}`);
  }

  /** Lets it drain and end; a program that does not is killed. */
  async stop(): Promise<void> {
    this.child.kill('SIGTERM');
    const limit = setTimeout(() => this.child.kill('SIGKILL'), STOP_GRACE_MS);
    await this.ended;
    clearTimeout(limit);
  }
}

/** Distinct ports of 127.0.0.1 that were free a moment ago. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return server;
    }),
  );
  const ports = servers.map((server) => {
    const address = server.address();
    return address !== null && typeof address === 'object' ? address.port : 0;
  });
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
