import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { ThrottledLog } from '@app/service-kit';
import { missingRight, openOwnFile } from '@app/zmq-transport';
import { Logger } from '@nestjs/common';
import type { DeadLetter } from './dead-letter.js';

/** Bounds of the file and of what waits for it. */
export interface DeadLetterFileOptions {
  readonly path: string;
  /** The file does not grow beyond this size, in bytes. */
  readonly maxFileBytes: number;
  /** Bytes that may wait while the disk is slow; letters beyond that are not written. */
  readonly maxWaitingBytes: number;
  /** Gets the number of letters that could not be written. */
  readonly onUnwritten: (letters: number) => void;
}

/**
 * Appends dead letters to a file, one JSON document a line. The caller never waits and never fails: letters that cannot be
 * written are counted, and logged once until writing works again. Only this user may read the file, since letters hold what
 * was sent.
 */
export class DeadLetterFile {
  /** Throttled: at the size limit short letters still fit between long ones that do not. */
  private readonly log = new ThrottledLog(new Logger(DeadLetterFile.name));
  private waiting: Buffer[] = [];
  private waitingBytes = 0;
  private writing: Promise<void> | undefined;
  private failing = false;

  constructor(private readonly options: DeadLetterFileOptions) {}

  /** Queues a letter for the file. Returns at once. */
  append(letter: DeadLetter): void {
    const line = Buffer.from(`${JSON.stringify(letter)}\n`);
    if (this.waitingBytes + line.length > this.options.maxWaitingBytes) {
      this.options.onUnwritten(1);
      return;
    }
    this.waiting.push(line);
    this.waitingBytes += line.length;
    this.writing ??= this.writeAll();
  }

  /** Resolves when no letter waits any more. Never rejects. */
  async flush(): Promise<void> {
    await this.writing;
  }

  private async writeAll(): Promise<void> {
    while (this.waiting.length > 0) {
      const lines = this.waiting;
      this.waiting = [];
      this.waitingBytes = 0;
      await this.write(lines);
    }
    this.writing = undefined;
  }

  private async write(lines: readonly Buffer[]): Promise<void> {
    let file: FileHandle | undefined;
    try {
      file = await openOwnFile(this.options.path, constants.O_WRONLY | constants.O_APPEND);
      const chunk = Buffer.concat(lines);
      const { size } = await file.stat();
      if (size + chunk.length > this.options.maxFileBytes)
        throw new Error('the file has reached DEAD_LETTER_FILE_MAX_BYTES; move it away or raise the limit');
      await file.appendFile(chunk);
      this.failing = false;
    } catch (error) {
      this.fail(lines.length, error);
    } finally {
      await file?.close().catch((error: unknown) => this.fail(0, error));
    }
  }

  private fail(letters: number, error: unknown): void {
    this.options.onUnwritten(letters);
    if (this.failing) return;
    this.failing = true;
    const cause =
      missingRight(this.options.path, error) ?? (error instanceof Error ? error.message : String(error));
    this.log.error(
      `dead letters cannot be written to ${this.options.path} and stay in memory only: ${cause}`,
    );
  }
}
