import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const SOURCE = join(__dirname, '../../../src/spool/lmdb-spool.ts');

/** A process of its own that opens a spool, and says line by line what it did. */
export class SpoolProcess {
  readonly lines: string[] = [];
  /** Resolves when it has ended and all that it said has been read. */
  readonly ended: Promise<void>;
  stderr = '';
  private readonly child: ChildProcess;
  private readonly waiting: { count: number; resolve: () => void }[] = [];

  /** @param body runs with `spool`, which is open, and `say(line)`. */
  constructor(directory: string, body: string) {
    const program = `
      const { writeSync } = require('node:fs');
      const { LmdbSpool } = require(${JSON.stringify(SOURCE)});
      const say = (line) => writeSync(1, line + '\\n');
      (async () => {
        const spool = new LmdbSpool({ directory: ${JSON.stringify(directory)}, windowBytes: 20_000 });
        await spool.open();
        ${body}
      })();
    `;
    this.child = spawn(process.execPath, [
      '-r',
      join(__dirname, '../../harness/typescript.cjs'),
      '-e',
      program,
    ]);
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    const reader = createInterface({ input: this.child.stdout ?? process.stdin });
    reader.on('line', (line) => this.hear(line));
    this.ended = new Promise((resolve) => this.child.once('close', () => resolve()));
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /** Waits until it has said so many lines. */
  async said(count: number): Promise<void> {
    if (this.lines.length < count) {
      const heard = new Promise<void>((resolve) => this.waiting.push({ count, resolve }));
      await Promise.race([heard, this.ended]);
    }
    if (this.lines.length < count) {
      throw new Error(`the process ended after ${this.lines.length} lines: ${this.stderr}`);
    }
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
  }

  private hear(line: string): void {
    this.lines.push(line);
    for (const { count, resolve } of this.waiting) {
      if (this.lines.length >= count) resolve();
    }
  }
}
