import { join } from 'node:path';
import { Program } from '../../../../../testing/program.js';

const SOURCE = join(__dirname, '../../../src/spool/lmdb-spool.ts');
const TYPESCRIPT = join(__dirname, '../../harness/typescript.cjs');

/** A process of its own that opens a spool, and says line by line what it did. */
export class SpoolProcess {
  /** Resolves when it has ended and all that it said has been read. */
  readonly ended: Promise<unknown>;
  private readonly program: Program;

  /** @param body runs with `spool`, which is open, and `say(line)`. */
  constructor(directory: string, body: string) {
    const code = `
      const { writeSync } = require('node:fs');
      const { LmdbSpool } = require(${JSON.stringify(SOURCE)});
      const say = (line) => writeSync(1, line + '\\n');
      (async () => {
        const spool = new LmdbSpool({ directory: ${JSON.stringify(directory)}, windowBytes: 20_000 });
        await spool.open();
        ${body}
      })();
    `;
    this.program = new Program(process.execPath, ['-r', TYPESCRIPT, '-e', code], {}, { name: 'the spool' });
    this.ended = this.program.exited;
  }

  get pid(): number {
    return this.program.pid;
  }

  get lines(): string[] {
    return this.program.lines;
  }

  get stderr(): string {
    return this.program.stderr;
  }

  /** Waits until it has said so many lines. */
  async said(count: number): Promise<void> {
    for (let said = 0; said < count; said += 1) {
      if ((await this.program.nextLine()) === undefined)
        throw new Error(`the process ended after ${this.lines.length} lines: ${this.stderr}`);
    }
  }

  async kill(): Promise<void> {
    await this.program.kill();
  }
}
