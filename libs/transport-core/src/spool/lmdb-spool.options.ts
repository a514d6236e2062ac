import type { SpoolFailedError } from '../errors.js';

/** A batch that was stored and cannot be read any more. */
export interface DamagedBatch {
  /** Sequence number of its first event; how many there were is not known. */
  readonly first: number;
  readonly directory: string;
}

/** Where a spool on disk lies, and how much of it may be in memory. */
export interface LmdbSpoolOptions {
  /** The folder of this spool and of nothing else. It is made when it is not there, for the eyes of its user alone. */
  readonly directory: string;
  /**
   * How much of what was appended last stays in memory, in bytes, so that sending it reads no disk. The rest lies on
   * the disk only, however much it is.
   * @default 16 MiB
   */
  readonly windowBytes?: number;
  /**
   * How much may wait for the disk, in bytes. An append beyond it throws SpoolFailedError: the disk does not keep up.
   * @default 64 MiB
   */
  readonly maxUnwrittenBytes?: number;
  /**
   * Called for each batch whose record does not agree with its checksum: that one is given up, the others are kept,
   * since to refuse them all would bring back none. Without this callback nobody would hear of the loss: `open` throws
   * SpoolUnusableError instead and changes nothing, and so does a read.
   */
  readonly onDamaged?: (batch: DamagedBatch) => void;
  /**
   * Called for what failed and lost no event: the last write of `close`, which costs a gap in the numbers, or the
   * reserve of room, without which a full disk may have to be cleared by hand. Also for a folder that others may write
   * to, and once when the folder is moved away, deleted or replaced (`stats().fault` says so meanwhile) or is back.
   * @default a warning of the process, by `process.emitWarning`
   */
  readonly onWarning?: (warning: SpoolFailedError) => void;
}
