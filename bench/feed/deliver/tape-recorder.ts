import { createWriteStream, type WriteStream } from 'node:fs';
import { once } from 'node:events';
import { LoadUsageError } from '../../load/options/option-values.js';
import type { FeedTrade } from './trade-sink.js';

const HEADER = 'ts,side,qty,symbol,price\n';
/** A disk that falls this far behind gets no more rows; they are counted. */
const MAX_WAITING_BYTES = 16 * 1024 * 1024;

/** Writes a tape that `npm run load -- --replay` plays. */
export class TapeRecorder {
  rows = 0;
  /** Rows that are not in the file: the disk was too slow, or failed. */
  lost = 0;
  /** Why the file takes nothing any more. */
  fault: string | undefined;
  private waiting = 0;

  private constructor(
    readonly file: string,
    private readonly stream: WriteStream,
  ) {
    stream.on('error', (error: NodeJS.ErrnoException) => (this.fault ??= error.code ?? error.message));
  }

  /** @throws {LoadUsageError} when the file is there already, or cannot be made */
  static async create(file: string): Promise<TapeRecorder> {
    const stream = createWriteStream(file, { flags: 'wx' });
    try {
      await once(stream, 'open');
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      const why = code === 'EEXIST' ? 'is there already' : `cannot be made (${String(code)})`;
      throw new LoadUsageError(`--record: ${file} ${why}`, { cause: error });
    }
    stream.write(HEADER);
    return new TapeRecorder(file, stream);
  }

  add({ ts, side, qty, symbol, price }: FeedTrade): void {
    if (this.fault !== undefined || this.stream.writableLength > MAX_WAITING_BYTES) {
      this.lost += 1;
      return;
    }
    this.waiting += 1;
    this.stream.write(`${ts.toFixed(6)},${side},${qty},${symbol},${price}\n`, (error) => {
      this.waiting -= 1;
      if (error) this.lost += 1;
      else this.rows += 1;
    });
  }

  /** Resolves when all is on its way to the disk, or known to be lost. */
  async close(): Promise<void> {
    this.stream.end();
    if (!this.stream.closed) await once(this.stream, 'close');
    this.lost += this.waiting;
    this.waiting = 0;
  }
}
