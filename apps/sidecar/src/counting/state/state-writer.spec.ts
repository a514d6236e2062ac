import { Logger } from '@nestjs/common';
import { Counter, Gauge, Registry } from 'prom-client';
import { StateWriter } from './state-writer.js';
import type { StateChange } from './state-record.js';
import type { TradeState } from './trade-state.js';

/** A disk that answers when told to. */
class SlowDisk {
  readonly written: StateChange[] = [];
  private answers: ((error?: Error) => void)[] = [];

  write(change: StateChange): Promise<void> {
    this.written.push(change);
    return new Promise((resolve, reject) => {
      this.answers.push((error) => (error ? reject(error) : resolve()));
    });
  }

  readonly snapshots: Buffer[] = [];
  snapshotError: Error | undefined;

  writeSnapshot(snapshot: Buffer): Promise<void> {
    this.snapshots.push(snapshot);
    return this.snapshotError === undefined ? Promise.resolve() : Promise.reject(this.snapshotError);
  }

  answer(error?: Error): void {
    this.answers.shift()?.(error);
  }
}

function build() {
  const registers = [new Registry()];
  const state = {
    version: 0,
    givenBack: 0,
    snapshot: undefined as Buffer | undefined,
    takeChange: () => ({ version: state.version, letters: [], snapshot: state.snapshot }),
    giveBack: () => void (state.givenBack += 1),
  };
  const metrics = {
    commits: new Counter({ name: 'commits', help: '-', registers }),
    failures: new Counter({ name: 'failures', help: '-', registers }),
    lastCommit: new Gauge({ name: 'last', help: '-', registers }),
  };
  const disk = new SlowDisk();
  return { state, metrics, disk, writer: new StateWriter(state as unknown as TradeState, disk, metrics) };
}

const valueOf = async (metric: Counter | Gauge): Promise<number> =>
  (await metric.get()).values[0]?.value ?? 0;
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('StateWriter', () => {
  let logged: jest.SpyInstance;

  beforeEach(() => {
    logged = jest.spyOn(Logger.prototype, 'error').mockImplementation();
    jest.spyOn(Logger.prototype, 'log').mockImplementation();
  });
  afterEach(() => jest.restoreAllMocks());

  it('writes at once when nothing is being written, and what is asked meanwhile together, with the newest state', async () => {
    const { state, disk, writer, metrics } = build();
    const flushes: Promise<void>[] = [];
    for (state.version = 1; state.version < 50; state.version += 1) flushes.push(writer.flush());
    expect(disk.written).toMatchObject([{ version: 1, letters: [] }]);
    disk.answer();
    await flushes[0];
    await settled();
    expect(disk.written.slice(1)).toMatchObject([{ version: 50, letters: [] }]);
    disk.answer();
    await Promise.all(flushes);
    expect(writer.isBehind).toBe(false);
    expect(await valueOf(metrics.commits)).toBe(2);
  });

  it('tells those whose write failed, gives the letters back, and writes again for those who asked later', async () => {
    const { state, disk, writer, metrics } = build();
    state.version = 1;
    const first = writer.flush();
    const second = writer.flush();
    disk.answer(new Error('no space'));
    await expect(first).rejects.toThrow('no space');
    expect(state.givenBack).toBe(1);
    expect(writer.isBehind).toBe(true);
    await settled();
    disk.answer();
    await second;
    expect(writer.isBehind).toBe(false);
    expect([await valueOf(metrics.failures), await valueOf(metrics.commits)]).toEqual([1, 1]);
  });

  it('writes a snapshot only after the counts it belongs to, and its failure is counted, said once and harms no count', async () => {
    const warned = jest.spyOn(Logger.prototype, 'warn').mockImplementation();
    const { state, disk, writer, metrics } = build();
    state.version = 1;
    state.snapshot = Buffer.from('windows');
    const failed = writer.flush();
    disk.answer(new Error('no space'));
    await expect(failed).rejects.toThrow('no space');
    expect(disk.snapshots).toEqual([]);
    disk.snapshotError = new Error('no space for this');
    for (let attempt = 0; attempt < 2; attempt += 1) {
      const flush = writer.flush();
      disk.answer();
      await flush;
    }
    expect(disk.snapshots).toEqual([state.snapshot, state.snapshot]);
    expect(writer.isBehind).toBe(false);
    expect([await valueOf(metrics.failures), await valueOf(metrics.commits)]).toEqual([3, 2]);
    expect(warned).toHaveBeenCalledTimes(1);
  });

  it('logs a failure once, however often it is tried, and says for how long', async () => {
    const { state, disk, writer } = build();
    state.version = 1;
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const flush = writer.flush();
      disk.answer(new Error('no space'));
      await expect(flush).rejects.toThrow('no space');
    }
    expect(logged).toHaveBeenCalledTimes(1);
    expect(writer.failingSeconds).toBeGreaterThan(0);
    const flush = writer.flush();
    disk.answer();
    await flush;
    expect(writer.failingSeconds).toBe(0);
  });
});
