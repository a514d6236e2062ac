import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { NatsConnection } from '@nats-io/transport-node';
import {
  BatchOutcome,
  EventServer,
  isUnreadable,
  type RejectedMessageReason,
  ThrottledLog,
  timerMs,
  wholeNumber,
} from '@app/transport-core';
import { Broker, type BrokerSession, type BrokerState } from '../broker.js';
import { BrokerUnreachableError } from '../errors.js';
import { checkName, type JetStreamServerOptions, partitionsOf, type RefillAnswer } from '../options.js';
import { Partition, type PartitionStats } from './partition.js';
import { PartitionRecords } from './partition-record.js';

/** Most bytes that all partitions fetch ahead: brokers drop a connection to which 64 MiB wait. A refill may fetch as many. */
const MAX_FETCHED_BYTES = 24 * 1024 ** 2;
/** Of one partition: more makes nothing faster. */
const MAX_PARTITION_BYTES = 2 * 1024 ** 2;

/** `listening` once `listen` was called; `broker` says whether the broker is there. */
export type JetStreamServerState = 'idle' | 'listening' | 'draining' | 'closed';

/** A snapshot of plain numbers; counters run from the creation of the server. */
export interface JetStreamServerStats {
  readonly state: JetStreamServerState;
  readonly broker: BrokerState;
  /** Why the broker does not serve this server, for people; undefined unless the state is `refused`. */
  readonly refusal: string | undefined;
  readonly reconnects: number;
  readonly disconnects: number;
  /** The partitions of this server's shard, in ascending order. */
  readonly partitions: readonly PartitionStats[];
  /** Events taken from readable messages. */
  readonly received: number;
  /** Messages, readable or not. */
  readonly batches: number;
  readonly receivedBytes: number;
  /** Events whose handlers run now. */
  readonly inFlight: number;
  readonly lateHandlers: number;
  readonly hungHandlers: number;
  readonly retries: number;
  readonly rejected: Readonly<Record<RejectedMessageReason, number>>;
}

/** What happened to the events that were under way when `drain()` was called. */
export interface JetStreamServerDrainReport {
  /** Handlers that still ran at the deadline. */
  readonly inFlight: number;
}

/** What `server.on` can listen to. */
export interface JetStreamServerEvents extends Record<string, (...args: never[]) => void> {
  /** The server changed its state. */
  state: (state: JetStreamServerState) => void;
  /** The connection to the broker changed its state. */
  broker: (state: BrokerState) => void;
}

/**
 * A Nest transport strategy that handles the events of a JetStream stream, partition by partition, each event once.
 *
 * The position of a partition, and what its handlers changed (`state`), are committed together after its handlers have
 * ended, and only then are its messages acknowledged. A stream cannot carry requests.
 */
export class JetStreamServer extends EventServer<
  JetStreamServerEvents,
  JetStreamServerState,
  JetStreamServerDrainReport
> {
  private readonly broker: Broker;
  private readonly group: string;
  private readonly connectTimeoutMs: number;
  private readonly partitions: readonly Partition[];
  private readonly counts = { received: 0, batches: 0, receivedBytes: 0, retries: 0 };
  private session: BrokerSession | undefined;
  private isBrokerAway = false;
  /** The start waits for the broker's first answer, and fails with a refusal. */
  private isStarting = false;
  private records: { readonly of: BrokerSession; readonly opened: Promise<PartitionRecords> } | undefined;
  protected override state: JetStreamServerState = 'idle';

  /** @throws InvalidOptionsError */
  constructor(private readonly options: JetStreamServerOptions) {
    super(options, options.retry);
    this.broker = new Broker(options, {
      logger: this.logger,
      onConnected: (session) => {
        this.session = session;
        this.startPartitions();
      },
      onStateChange: (state) => this.onBroker(state),
      isServer: true,
      prove: async (session) => {
        const [partition] = this.partitions;
        await (await this.recordsOf(session)).prove();
        await partition?.prove(session);
      },
      reportsRefusal: () => this.isStarting,
    });
    this.group = checkName('group', options.group ?? 'sidecar');
    this.connectTimeoutMs = timerMs('connectTimeoutMs', options.connectTimeoutMs ?? 5000, 1);
    this.partitions = this.createPartitions();
    this._status$.next(this.state);
  }

  /** True while the broker is there and every partition of the shard is handled by this process. */
  get isReceiving(): boolean {
    return (
      this.state === 'listening' &&
      this.broker.state === 'connected' &&
      this.partitions.every(({ stats }) => stats.isOwned && stats.fault === undefined)
    );
  }

  /**
   * Stores a message in a partition, as a client would; once for an `id`, for as long as the broker remembers it.
   * @throws BrokerUnreachableError while the broker is away
   */
  async store(partition: number, payload: string, id: string): Promise<void> {
    const { broker, session } = this;
    if (session === undefined || broker.state !== 'connected') {
      throw new BrokerUnreachableError('the broker is away');
    }
    await session.jetstream.publish(broker.subjectOf(partition), payload, { msgID: id });
  }

  /** The connection of the NATS client. @throws BrokerUnreachableError while there is none */
  override unwrap<T = NatsConnection>(): T {
    if (this.session === undefined) {
      throw new BrokerUnreachableError('no broker has answered yet');
    }
    return this.session.connection as T;
  }

  stats(): JetStreamServerStats {
    return {
      state: this.state,
      broker: this.broker.state,
      refusal: this.broker.refusal?.message,
      reconnects: this.broker.reconnects,
      disconnects: this.broker.disconnects,
      partitions: this.partitions.map(({ stats }) => stats),
      ...this.handlerStats,
      ...this.counts,
    };
  }

  protected override countRetry(): void {
    this.counts.retries += 1;
  }

  protected override onReleased(): void {
    this.startPartitions();
  }

  private createPartitions(): Partition[] {
    const { broker, group, options, logger } = this;
    const owner = `${hostname()}/${process.pid}/${randomUUID().slice(0, 8)}`;
    const refillMs = timerMs('refillMs', options.refillMs ?? 0);
    const maxUncommitted = wholeNumber('maxUncommitted', options.maxUncommitted ?? 256, 1, 65_536);
    const shard = options.shard ?? { index: 0, count: 1 };
    const log = new ThrottledLog(logger);
    const owned = partitionsOf(shard, broker.stream.partitions);
    const maxFetchedBytes = Math.min(MAX_PARTITION_BYTES, Math.floor(MAX_FETCHED_BYTES / owned.length));
    return owned.map(
      (partition) =>
        new Partition({
          partition,
          owner,
          group,
          stream: broker.stream,
          subject: broker.subjectOf(partition),
          records: (session) => this.recordsOf(session),
          state: options.state,
          handlers: {
            handle: (number, payloads, receivedAtSeconds) => this.handle(number, payloads, receivedAtSeconds),
            refill: (number, payload, receivedAtSeconds) => this.refill(number, payload, receivedAtSeconds),
          },
          refillMs: options.state?.refill === undefined ? 0 : refillMs,
          maxUncommitted,
          maxFetchedBytes,
          logger,
          log,
          isBrokerThere: () => broker.state === 'connected',
          onStreamMissing: () => broker.recheck(),
          onRecordGone: () => {
            // The next partition that asks makes the bucket again.
            this.records = undefined;
          },
        }),
    );
  }

  /** All partitions of a connection share the bucket. */
  private recordsOf(session: BrokerSession): Promise<PartitionRecords> {
    if (this.records?.of !== session) {
      const { name: stream, replicas } = this.broker.stream;
      const opened = PartitionRecords.open(session, { stream, group: this.group, replicas });
      this.records = { of: session, opened };
      opened.catch(() => {
        if (this.records?.opened === opened) {
          this.records = undefined;
        }
      });
    }
    return this.records.opened;
  }

  /**
   * Begins to connect. While the broker is away, the server waits for it in the background.
   * @throws BrokerUnfitError when the broker is there but cannot serve these options
   */
  protected override async open(): Promise<void> {
    this.draining = undefined;
    this.inFlight.reopen();
    this.freezeHandlers();
    this.setState('listening');
    this.isStarting = true;
    this.broker.start();
    await this.untilAnswered();
    this.isStarting = false;
    const { refusal } = this.broker;
    if (refusal !== undefined) {
      throw refusal;
    }
  }

  /**
   * Waits until the broker is there or refuses these options, at most `connectTimeoutMs`: a broker that is away must not hold
   * up the start.
   */
  private async untilAnswered(): Promise<void> {
    const answered = new Promise<void>((resolve) => {
      const look = (state: BrokerState): void => {
        if (state === 'connected' || state === 'refused' || state === 'closed') {
          this.emitter.off('broker', look);
          resolve();
        }
      };
      this.emitter.on('broker', look);
      look(this.broker.state);
    });
    const stopped = new AbortController();
    const waited = delay(this.connectTimeoutMs, undefined, { signal: stopped.signal, ref: false });
    await Promise.race([answered, waited.catch(() => undefined)]);
    stopped.abort();
  }

  private startPartitions(): void {
    const { session } = this;
    if (session === undefined || this.isHeld || this.state !== 'listening') {
      return;
    }
    for (const partition of this.partitions) {
      partition.start(session);
    }
  }

  /** Handles the events of some messages to their end. @returns false when the closing server gave some up */
  private async handle(
    partition: number,
    payloads: readonly Uint8Array[],
    receivedAtSeconds: number,
  ): Promise<boolean> {
    const events: unknown[] = [];
    for (const payload of payloads) {
      this.counts.batches += 1;
      this.counts.receivedBytes += payload.length;
      const values = this.reader.read(Buffer.from(payload.buffer, payload.byteOffset, payload.length));
      if (isUnreadable(values)) {
        this.rejections.add({ ...values, receivedAtSeconds });
      } else {
        for (const value of values) {
          events.push(value);
        }
      }
    }
    if (events.length === 0) {
      return true;
    }
    this.counts.received += events.length;
    const outcome = new BatchOutcome(0);
    void this.dispatcher.dispatch(events, receivedAtSeconds, undefined, outcome, partition);
    return (await outcome.settled) !== undefined;
  }

  private refill(partition: number, payload: Uint8Array, receivedAtSeconds: number): RefillAnswer {
    const values = this.reader.read(Buffer.from(payload.buffer, payload.byteOffset, payload.length));
    if (!isUnreadable(values)) {
      return this.options.state?.refill?.(partition, values, receivedAtSeconds);
    }
  }

  private onBroker(state: BrokerState): void {
    if (state === 'disconnected') {
      this.isBrokerAway = true;
      this.logger.warn('the broker is away: nothing is handled until it is back');
    } else if (state === 'connected' && this.isBrokerAway) {
      this.isBrokerAway = false;
      this.logger.log('the broker is back');
    }
    this.emitter.emit('broker', state);
  }

  /** Fetches nothing more, waits for running handlers and the last commits, and disconnects. */
  protected override async drainOnce(): Promise<JetStreamServerDrainReport> {
    this.setState('draining');
    const stopped = Promise.all(this.partitions.map((partition) => partition.stop()));
    const giveUp = setTimeout(() => this.inFlight.abandon(), this.drainTimeoutMs);
    await Promise.race([stopped, delay(this.drainTimeoutMs, undefined, { ref: false })]);
    clearTimeout(giveUp);
    this.inFlight.abandon();
    const inFlight = this.inFlight.count;
    await this.broker.close();
    this.setState('closed');
    return { inFlight };
  }

  protected override onHandler(key: string, isEventHandler: boolean): void {
    if (!isEventHandler) {
      this.logger.warn(`"${key}" handles requests, which a stream does not carry: it is never called`);
    }
  }
}
