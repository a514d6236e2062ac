import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A temporary folder that is gone at the end, also when the run is interrupted. */
export class ScratchFolder {
  readonly path: string;
  // A process that is just being killed may still write into the folder.
  private readonly erase = (): void => rmSync(this.path, { recursive: true, force: true, maxRetries: 5 });

  constructor(prefix: string) {
    this.path = mkdtempSync(join(tmpdir(), prefix));
    process.once('exit', this.erase);
  }

  remove(): void {
    process.off('exit', this.erase);
    this.erase();
  }

  /** Leaves it where it is. */
  keep(): void {
    process.off('exit', this.erase);
  }
}
