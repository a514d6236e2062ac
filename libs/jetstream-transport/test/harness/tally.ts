import { Controller, type LoggerService, type INestMicroservice, Injectable } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { Test } from '@nestjs/testing';
import { BatchEventPattern, type ZmqBatchContext } from '@app/transport-core';
import {
  type JetStreamClient,
  JetStreamServer,
  type JetStreamServerOptions,
  type PartitionState,
} from '../../src/index.js';
import { waitUntil } from '../../../../testing/wait.js';

const ignore = (): void => undefined;
/** Warnings are what these tests provoke. */
export const SILENT: LoggerService = { log: ignore, warn: ignore, error: ignore };

/** An event of the tests: `n` counts up, and its powers tell a loss and a double apart. */
export interface Numbered {
  readonly n: number;
}

/** What was counted of a partition. The sums of n and of its square tell one lost and one doubled event apart. */
export interface Sums {
  count: number;
  sum: number;
  squares: number;
}

/** Counts by partition, kept with the position. */
@Injectable()
export class Tally implements PartitionState {
  private readonly live = new Map<number, Sums>();
  private readonly shown = new Map<number, Sums>();
  readonly seenAgain: unknown[] = [];
  /** Partitions whose refill is over. */
  readonly refilledPartitions: number[] = [];
  /** What a refill waits for, message by message. */
  refillTurn: Promise<boolean | void> = Promise.resolve();

  take(partition: number, state: string | undefined): void {
    const sums = state === undefined ? { count: 0, sum: 0, squares: 0 } : (JSON.parse(state) as Sums);
    this.live.set(partition, sums);
    this.shown.set(partition, { ...sums });
  }

  snapshot(partition: number): string {
    return JSON.stringify(this.live.get(partition));
  }

  committed(partition: number): void {
    this.shown.set(partition, { ...(this.live.get(partition) as Sums) });
  }

  leave(partition: number): void {
    this.live.delete(partition);
    this.shown.delete(partition);
  }

  refill(_partition: number, events: readonly unknown[]): Promise<boolean | void> {
    this.seenAgain.push(...events);
    return this.refillTurn;
  }

  refilled(partition: number): void {
    this.refilledPartitions.push(partition);
  }

  add(partition: number, n: number): void {
    const sums = this.live.get(partition);
    if (sums === undefined) throw new Error(`partition ${partition} is nobody's`);
    sums.count += 1;
    sums.sum += n;
    sums.squares += n * n;
  }

  /** What is committed, over all partitions. */
  get total(): Sums {
    const total = { count: 0, sum: 0, squares: 0 };
    for (const { count, sum, squares } of this.shown.values()) {
      total.count += count;
      total.sum += sum;
      total.squares += squares;
    }
    return total;
  }
}

@Controller()
export class TallyController {
  constructor(private readonly tally: Tally) {}

  @BatchEventPattern('number')
  onNumbers(@Payload() events: readonly Numbered[], @Ctx() context: ZmqBatchContext): void {
    events.forEach(({ n }, index) => {
      if (typeof n === 'number') this.tally.add(context.partition ?? Number.NaN, n);
      else context.reject(index, 'n is no number');
    });
  }
}

/** What `count` events with n from 1 to `count` come to. */
export function sumsTo(count: number): Sums {
  return {
    count,
    sum: (count * (count + 1)) / 2,
    squares: (count * (count + 1) * (2 * count + 1)) / 6,
  };
}

export interface RunningServer {
  readonly server: JetStreamServer;
  readonly tally: Tally;
  readonly app: INestMicroservice;
  close(): Promise<void>;
}

/** A microservice that counts. */
export async function startServer(
  options: JetStreamServerOptions,
  tally = new Tally(),
): Promise<RunningServer> {
  const server = new JetStreamServer({ ...options, state: tally });
  const module = await Test.createTestingModule({
    controllers: [TallyController],
    providers: [{ provide: Tally, useValue: tally }],
  })
    .setLogger(SILENT)
    .compile();
  const app = module.createNestMicroservice({ strategy: server });
  await app.listen();
  return { server, tally, app, close: () => app.close() };
}

/** Emits the numbers from `first` to `last`. */
export function emitTo(target: JetStreamClient, first: number, last: number): void {
  for (let n = first; n <= last; n += 1) target.offer('number', { n });
}

/** What was counted, once it is that much. */
export async function counted(servers: readonly RunningServer[], count: number): Promise<Sums> {
  const total = (): Sums =>
    servers
      .map(({ tally }) => tally.total)
      .reduce((all, one) => ({
        count: all.count + one.count,
        sum: all.sum + one.sum,
        squares: all.squares + one.squares,
      }));
  await waitUntil(`${count} counted events`, () => total().count >= count);
  return total();
}
