import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const MIB = 1024 * 1024;

/** How much is in the heap once all garbage is gone. */
export class HeapWatch {
  readonly startMib: number;
  maxMib: number;
  private readonly collect: () => void;

  constructor() {
    setFlagsFromString('--expose-gc');
    this.collect = runInNewContext('gc') as () => void;
    this.startMib = this.nowMib();
    this.maxMib = this.startMib;
  }

  /** Heap and buffers, in MiB. */
  sample(): number {
    const mib = this.nowMib();
    this.maxMib = Math.max(this.maxMib, mib);
    return mib;
  }

  private nowMib(): number {
    this.collect();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return (heapUsed + arrayBuffers) / MIB;
  }
}
