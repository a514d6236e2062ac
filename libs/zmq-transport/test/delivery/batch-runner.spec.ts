/** The runner with real promises, under a scheduler that lets them end in an order of its own: one for each seed. */
import { Deferred } from '@app/transport-core';
import { BatchRunner } from '../../src/acknowledged/consumer/batch-runner.js';
import { ConsumerSessions } from '../../src/acknowledged/consumer/consumer-sessions.js';
import type { ReceivedBatch } from '../../src/acknowledged/consumer/followed-producer.js';
import type { DeliveryLedger, DeliveryPosition } from '../../src/index.js';
import { seededRandom, type SeededRandom } from './fuzz/seeded-random.js';

/** The wait before a ledger is tried again: one more thing that the scheduler lets end. */
let mockWait: () => Promise<void> = () => Promise.resolve();
jest.mock('node:timers/promises', () => ({
  ...jest.requireActual<object>('node:timers/promises'),
  setTimeout: () => mockWait(),
}));

const PRODUCERS = ['a', 'b', 'c'];
const BATCHES = 12;

/** Work that waits to be ended; which comes next is the seed's choice. */
class Scheduler {
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly random: SeededRandom) {}

  /** Resolves when the scheduler chooses it; rejects when it chooses that. */
  turn(mayFail = false): Promise<void> {
    const deferred = new Deferred<void>();
    const fails = mayFail && this.random.below(4) === 0;
    this.waiting.push(() => (fails ? deferred.reject(new Error('the disk is full')) : deferred.resolve()));
    return deferred.promise;
  }

  /** Ends one of what waits. @returns whether there was any */
  step(): boolean {
    const [chosen] = this.waiting.splice(this.random.below(this.waiting.length), 1);
    chosen?.();
    return chosen !== undefined;
  }
}

interface Bench {
  readonly runner: BatchRunner;
  readonly sessions: ConsumerSessions;
  readonly scheduler: Scheduler;
  readonly random: SeededRandom;
  /** What happened, in its order. */
  readonly log: string[];
  readonly committed: DeliveryPosition[];
  receive(producer: string, first: number): void;
}

function bench(seed: number, ledgerKind: 'none' | 'good' | 'failing'): Bench {
  const random = seededRandom(seed);
  const scheduler = new Scheduler(random);
  mockWait = () => scheduler.turn();
  const log: string[] = [];
  const committed: DeliveryPosition[] = [];
  let tokens = 0;
  const sessions = new ConsumerSessions({
    windowEvents: 1000,
    windowBytes: 100_000,
    maxProducers: 10,
    newSession: () => String((tokens += 1)).padStart(16, '0'),
  });
  const granted = new Map<string, string>();
  for (const id of PRODUCERS) {
    const welcome = sessions.greet(id, { id, epoch: 'E', instance: id, acked: 0 });
    granted.set(id, welcome.kind === 'granted' ? welcome.grant.session : '');
  }
  const ledger: DeliveryLedger = {
    load: () => [],
    forget: () => undefined,
    commit: (position) => {
      log.push(`commit ${position.producer}${position.sequence}`);
      committed.push(position);
      return random.below(3) === 0 && ledgerKind === 'good'
        ? undefined
        : scheduler.turn(ledgerKind === 'failing');
    },
  };
  const runner = new BatchRunner({
    sessions,
    ledger: ledgerKind === 'none' ? undefined : ledger,
    handle: async ({ producer, first }: ReceivedBatch) => {
      log.push(`start ${producer}${first}`);
      await scheduler.turn();
      log.push(`end ${producer}${first}`);
      return [];
    },
    onCommitted: (peer) => {
      const sequence = peer === undefined ? undefined : sessions.ackOf(peer)?.ack.sequence;
      log.push(`ack ${peer}${sequence}`);
    },
    onCommitFailed: () => log.push('failed'),
  });
  const receive = (producer: string, first: number): void => {
    const header = { session: granted.get(producer) ?? '', previous: first - 1, first, count: 1 };
    expect(sessions.receive(producer, header, Buffer.alloc(1), 0)).toBe('queued');
    runner.notify(producer);
  };
  return { runner, sessions, scheduler, random, log, committed, receive };
}

/** Receives everything and lets everything end, in an order that the seed chooses. */
async function play(it: Bench): Promise<void> {
  const next = new Map(PRODUCERS.map((id) => [id, 1]));
  let idle = false;
  let received = 0;
  for (;;) {
    const producer = PRODUCERS[it.random.below(PRODUCERS.length)] ?? '';
    const first = next.get(producer) ?? 1;
    if (first <= BATCHES && it.random.below(2) === 0) {
      next.set(producer, first + 1);
      received += 1;
      it.receive(producer, first);
    } else {
      it.scheduler.step();
    }
    // What ends now may start something, or may not have yet when the next one ends.
    for (let n = it.random.below(12); n > 0; n -= 1) await Promise.resolve();
    if (received === PRODUCERS.length * BATCHES && !idle) {
      idle = true;
      void it.runner.untilIdle().then(() => it.log.push('idle'));
    }
    if (it.log.includes('idle')) return;
  }
}

/** Batches that run at the same time, at most. */
function mostAtOnce(log: readonly string[]): number {
  let [running, most] = [0, 0];
  for (const line of log) {
    running += line.startsWith('start') ? 1 : line.startsWith('end') ? -1 : 0;
    most = Math.max(most, running);
  }
  return most;
}

/** Lets what waits end, until the runner says that it is idle. */
async function endAll({ scheduler }: Bench, runner: BatchRunner): Promise<void> {
  const state = { isIdle: false };
  void runner.untilIdle().then(() => (state.isIdle = true));
  while (!state.isIdle) {
    scheduler.step();
    await Promise.resolve();
  }
}

/** Lines that tell of a start while exclusive work ran, or of exclusive work that began beside anything. */
function overlaps(log: readonly string[]): string[] {
  let [batches, exclusive] = [0, 0];
  return log.filter((line) => {
    const isExclusive = line.endsWith('exclusive');
    const isWrong = line.startsWith('start') && exclusive + (isExclusive ? batches : 0) > 0;
    const change = line.startsWith('start') ? 1 : line.startsWith('end') ? -1 : 0;
    exclusive += isExclusive ? change : 0;
    batches += isExclusive ? 0 : change;
    return isWrong;
  });
}

function inOrderOf(log: readonly string[], word: string, producer: string): number[] {
  const prefix = `${word} ${producer}`;
  return log.filter((line) => line.startsWith(prefix)).map((line) => Number(line.slice(prefix.length)));
}

const EVERY = Array.from({ length: BATCHES }, (_, n) => n + 1);
const SEEDS = Array.from({ length: 40 }, (_, n) => n + 1);

describe('BatchRunner', () => {
  it('without a ledger handles each producer’s batches in order, and those of several side by side', async () => {
    let most = 0;
    for (const seed of SEEDS) {
      const it = bench(seed, 'none');
      await play(it);
      for (const producer of PRODUCERS) {
        expect(inOrderOf(it.log, 'start', producer)).toEqual(EVERY);
        expect(inOrderOf(it.log, 'ack', producer)).toEqual(EVERY);
      }
      most = Math.max(most, mostAtOnce(it.log));
    }
    expect(most).toBe(PRODUCERS.length);
  });

  it('with a ledger handles one batch at a time, and commits it before the next one starts', async () => {
    for (const seed of SEEDS) {
      const it = bench(seed, 'good');
      await play(it);
      const steps = it.log.filter((line) => /^(start|end|commit)/.test(line));
      for (let n = 0; n < steps.length; n += 3) {
        const name = steps[n]?.slice('start '.length);
        expect(steps.slice(n, n + 3)).toEqual([`start ${name}`, `end ${name}`, `commit ${name}`]);
      }
      expect(steps).toHaveLength(3 * PRODUCERS.length * BATCHES);
      for (const producer of PRODUCERS) {
        expect(inOrderOf(it.log, 'ack', producer).at(-1)).toBe(BATCHES);
      }
    }
  });

  it('handles nothing and acknowledges nothing new while the ledger fails, tries the newest position, and goes on', async () => {
    let failures = 0;
    for (const seed of SEEDS) {
      const it = bench(seed, 'failing');
      await play(it);
      const newest = new Map<string, number>();
      for (const { producer, sequence } of it.committed) {
        expect(sequence).toBeGreaterThanOrEqual(newest.get(producer) ?? 0);
        newest.set(producer, sequence);
      }
      failures += it.log.filter((line) => line === 'failed').length;
      for (const producer of PRODUCERS) {
        expect(inOrderOf(it.log, 'end', producer)).toEqual(EVERY);
        expect(inOrderOf(it.log, 'ack', producer).at(-1)).toBe(BATCHES);
      }
      expect(mostAtOnce(it.log)).toBe(1);
      expect(it.runner.isIdle).toBe(true);
    }
    expect(failures).toBeGreaterThan(SEEDS.length);
  });

  it('takes a ledger that throws at once for one that rejects', async () => {
    let throws = 2;
    const failures: unknown[] = [];
    const it = bench(1, 'none');
    const runner = new BatchRunner({
      sessions: it.sessions,
      ledger: {
        load: () => [],
        forget: () => undefined,
        commit: () => {
          throws -= 1;
          if (throws >= 0) throw new Error('closed');
          return undefined;
        },
      },
      handle: async () => [],
      onCommitted: () => undefined,
      onCommitFailed: (error) => failures.push(error),
    });
    it.receive('a', 1);
    runner.notify('a');
    await endAll(it, runner);
    expect(failures).toHaveLength(2);
    expect(it.sessions.ackOf('a')?.ack.sequence).toBe(1);
  });

  it('runs exclusive work while no batch is being handled, one after the other, and passes its outcome on', async () => {
    for (const seed of SEEDS) {
      const it = bench(seed, 'none');
      const exclusive = async (n: number): Promise<number> => {
        it.log.push('start exclusive');
        await it.scheduler.turn();
        it.log.push('end exclusive');
        return n;
      };
      it.receive('a', 1);
      it.receive('b', 1);
      const works = [1, 2].map((n) => it.runner.runExclusive(() => exclusive(n)));
      const failing = it.runner
        .runExclusive(() => Promise.reject(new Error('no')))
        .catch((error: unknown) => error);
      it.receive('c', 1);
      const done = Promise.all([...works, it.runner.untilIdle()]);
      while (!it.runner.isIdle) {
        it.scheduler.step();
        await Promise.resolve();
      }
      expect((await done).slice(0, 2)).toEqual([1, 2]);
      expect(await failing).toEqual(new Error('no'));
      expect(overlaps(it.log)).toEqual([]);
    }
  });

  it('leaves no promise behind when it stops: what runs ends, what waits is not begun', async () => {
    for (const seed of SEEDS) {
      const it = bench(seed, seed % 2 === 0 ? 'failing' : 'none');
      PRODUCERS.forEach((producer) => EVERY.forEach((first) => it.receive(producer, first)));
      for (let n = it.random.below(10); n > 0; n -= 1) {
        it.scheduler.step();
        await Promise.resolve();
      }
      it.runner.stop();
      const started = it.log.filter((line) => line.startsWith('start')).length;
      const idle = it.runner.untilIdle();
      for (let n = 0; n < 200; n += 1) {
        it.scheduler.step();
        for (let turns = 0; turns < 10; turns += 1) await Promise.resolve();
      }
      await idle;
      expect(it.log.filter((line) => line.startsWith('start'))).toHaveLength(started);
      expect(it.log.filter((line) => line.startsWith('end'))).toHaveLength(started);
      it.runner.resume();
      await endAll(it, it.runner);
      for (const producer of PRODUCERS) {
        expect(inOrderOf(it.log, 'end', producer)).toEqual(EVERY);
      }
    }
  });
});
