import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { LoggerService } from '@nestjs/common';
import { AckPolicy, DeliverPolicy, JetStreamApiCodes, JetStreamApiError } from '@nats-io/jetstream';
import { epochSeconds } from '@app/transport-core';
import { type BrokerSession, denialOf } from '../broker.js';
import { PartitionLostError, RecordGoneError } from '../errors.js';
import { MessagePull, type StoredMessage } from './message-pull.js';
import { PartitionRefill, type RefillOptions, TURN_BYTES } from './partition-refill.js';
import type { PartitionRecord, PartitionRecords, StoredRecord } from './partition-record.js';

const NANOS_PER_MS = 1_000_000;
const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 2000;
/**
 * Only this process reads from its consumer, and acknowledges what it has committed: the broker must not redeliver in between.
 */
const ACK_WAIT_MS = 60_000;
/** The broker removes a consumer after this time when its process died and nobody took its partition over. */
const FORGET_CONSUMER_MS = 300_000;
/** What acknowledges a message, and with it all before it. */
const ACK = '+ACK';
const WORK_IN_PROGRESS = '+WPI';
/** The least time between two commits while messages keep coming: each is a write to the broker. */
const COMMIT_GAP_MS = 10;
const PROOF_TIMEOUT_MS = 5000;
/** A start waits for no longer where nothing answers. */
const ACK_PROOF_TIMEOUT_MS = 1000;

/** How a partition hands its messages to the handlers: several together, in order. */
export interface PartitionHandlers {
  /**
   * @param payloads the messages as stored
   * @returns whether all of their events were handled to their end; false when the server closes
   */
  handle(partition: number, payloads: readonly Uint8Array[], receivedAtSeconds: number): Promise<boolean>;
}

export interface PartitionOptions extends RefillOptions {
  /** Names this process to others, and to people. */
  readonly owner: string;
  readonly group: string;
  readonly records: (session: BrokerSession) => Promise<PartitionRecords>;
  readonly handlers: RefillOptions['handlers'] & PartitionHandlers;
  readonly maxUncommitted: number;
  readonly logger: LoggerService;
  /** Whether the broker is there: while it is away, that is no fault of a partition. */
  readonly isBrokerThere: () => boolean;
  /** The stream seems to be gone. */
  readonly onStreamMissing: () => void;
  /** The bucket of the records may be gone. */
  readonly onRecordGone: () => void;
}

/** A snapshot of plain numbers; counters run from the creation of the server. */
export interface PartitionStats {
  readonly partition: number;
  /** Whether this process handles it. */
  readonly isOwned: boolean;
  /** Which process does, if this process has lost the partition; otherwise undefined. */
  readonly otherOwner: string | undefined;
  /** Why nothing of it is handled now, though this process tries to; undefined while all is well. */
  readonly fault: string | undefined;
  /** The stream sequence of the last message that was handled and committed. */
  readonly position: number;
  /** Messages that are stored and not yet handled. */
  readonly pending: number;
  /** Of those, messages that are fetched. */
  readonly unacknowledged: number;
  /** How long the oldest of them has been stored, in seconds; 0 when there is none, and before the first has come. */
  readonly lagSeconds: number;
  readonly commits: number;
  /** How often this process had to take the partition again. */
  readonly restarts: number;
}

/**
 * One partition, handled in order: messages → handlers → position and counts in one compare-and-set → acknowledgement.
 * A process that takes the partition over writes its name into the record first; from then on nobody else can commit.
 */
export class Partition {
  private pull: MessagePull | undefined;
  private stopping: AbortController | undefined;
  private running: Promise<void> | undefined;
  private stored: StoredRecord | undefined;
  private isOwned = false;
  private lost: PartitionLostError | undefined;
  private broken: Error | undefined;
  private fault: string | undefined;
  private readonly refill: PartitionRefill;
  private wake: (() => void) | undefined;
  /** How many messages the broker had behind the newest fetched one. */
  private behind = 0;
  private newestSeconds = 0;
  private handling = 0;
  private commits = 0;
  private restarts = 0;
  private committedAtMs = Number.NEGATIVE_INFINITY;

  constructor(private readonly options: PartitionOptions) {
    this.refill = new PartitionRefill(options);
  }

  get stats(): PartitionStats {
    const fetched = (this.pull?.size ?? 0) + this.handling;
    const pending = fetched + this.behind;
    const oldestSeconds = this.pull?.oldest?.storedAtSeconds ?? this.newestSeconds;
    // Before the first message nobody knows how old it is.
    const isKnown = pending > 0 && oldestSeconds > 0;
    return {
      partition: this.options.partition,
      isOwned: this.isOwned,
      otherOwner: this.lost?.owner,
      fault: this.fault,
      position: this.stored?.record.position ?? 0,
      pending,
      unacknowledged: fetched,
      lagSeconds: isKnown ? Math.max(0, epochSeconds() - oldestSeconds) : 0,
      commits: this.commits,
      restarts: this.restarts,
    };
  }

  /** The broker is there, for the first time or again. */
  start(session: BrokerSession): void {
    const before = this.running;
    this.stopping?.abort();
    const stopping = new AbortController();
    this.stopping = stopping;
    this.running = (async () => {
      await before;
      await this.run(session, stopping.signal);
    })();
  }

  /** Handles nothing more; resolves once running work is committed or given up. */
  async stop(): Promise<void> {
    this.stopping?.abort();
    this.wake?.();
    await this.running;
  }

  /** Makes a consumer, asks it for messages, answers it, and removes it. @throws what the broker says when it does not let this process */
  async prove({ connection, manager }: BrokerSession): Promise<void> {
    const { group, stream, subject } = this.options;
    const name = `${group}-proof-${randomUUID().slice(0, 8)}`;
    await manager.consumers.add(stream.name, {
      durable_name: name,
      filter_subject: subject,
      ack_policy: AckPolicy.All,
      inactive_threshold: 2 * PROOF_TIMEOUT_MS * NANOS_PER_MS,
    });
    const request = JSON.stringify({ batch: 1, no_wait: true });
    await connection.request(`$JS.API.CONSUMER.MSG.NEXT.${stream.name}.${name}`, request, {
      timeout: PROOF_TIMEOUT_MS,
      // A message comes under its own subject: the client would not know it for the answer.
      noMux: true,
    });
    // That work is in progress changes nothing; a broker does not answer for message 0.
    await connection
      .request(`$JS.ACK.${stream.name}.${name}.1.1.1.0.0`, WORK_IN_PROGRESS, {
        timeout: ACK_PROOF_TIMEOUT_MS,
      })
      .catch((error: unknown) => {
        // Only a denial matters: behind an account's import, acknowledgements have another subject.
        if (denialOf(error) !== undefined) {
          throw error;
        }
      });
    await manager.consumers.delete(stream.name, name);
  }

  private async run(session: BrokerSession, signal: AbortSignal): Promise<void> {
    for (let failures = 0; !signal.aborted && this.lost === undefined; failures += 1) {
      try {
        const records = await this.options.records(session);
        const consumer = await this.take(session, records, signal);
        try {
          await this.consume(session, records, consumer, signal, () => (failures = -1));
        } finally {
          if (this.options.isBrokerThere()) {
            await session.manager.consumers.delete(this.options.stream.name, consumer).catch(() => undefined);
          }
        }
      } catch (error) {
        this.onFailed(error, signal);
      }
      const waitMs = Math.min(FIRST_WAIT_MS * 2 ** Math.max(0, failures), LONGEST_WAIT_MS);
      await delay(waitMs, undefined, { signal }).catch(() => undefined);
    }
  }

  private onFailed(error: unknown, signal: AbortSignal): void {
    if (error instanceof PartitionLostError) {
      this.lost = error;
      this.fault = undefined;
      this.letGo();
      this.options.logger.error(`${error.message}; this process does not count it until you restart it`);
      return;
    }
    if (!signal.aborted) {
      if (isApiError(error, JetStreamApiCodes.StreamNotFound)) {
        this.options.onStreamMissing();
      }
      if (error instanceof RecordGoneError) {
        this.options.onRecordGone();
      }
      this.restarts += 1;
      this.warn(error instanceof Error ? error.message : String(error), 'taking it again');
    }
  }

  private warn(why: string, whatNext: string): void {
    this.fault = why;
    if (this.options.isBrokerThere()) {
      this.options.log.warn(`partition ${this.options.partition} stops: ${why}; ${whatNext}`);
    }
  }

  private letGo(): void {
    if (this.isOwned) {
      this.isOwned = false;
      this.options.state?.leave(this.options.partition);
    }
  }

  /** Makes this process the owner. @returns the name of the consumer that it reads from. @throws PartitionLostError, RecordGoneError */
  private async take(
    session: BrokerSession,
    records: PartitionRecords,
    signal: AbortSignal,
  ): Promise<string> {
    const { partition, owner, group, stream, subject, maxUncommitted } = this.options;
    const { consumers, streams } = session.manager;
    const { created: streamCreated } = await streams.info(stream.name);
    const found = await records.read(partition);
    if (this.isOwned && found !== undefined && found.record.owner !== owner) {
      throw new PartitionLostError(partition, found.record.owner);
    }
    // The last commit has all that a record needs, so its owner can write a deleted one again: who comes first, owns it.
    const last = found?.record ?? (this.isOwned ? this.stored?.record : undefined);
    const consumer = `${group}-${partition}-${randomUUID().slice(0, 8)}`;
    // In another stream the sequences begin again.
    const isSameStream = last?.streamCreated === streamCreated;
    const record: PartitionRecord = {
      owner,
      consumer,
      streamCreated,
      position: last !== undefined && isSameStream ? last.position : 0,
      state: last?.state,
    };
    const revision = await records.write(partition, record, found?.revision ?? 0);
    if (revision === undefined) {
      throw new Error('another process takes it at this moment');
    }
    if (last !== undefined) {
      // The former owner may still run: without its consumer it gets nothing more.
      await consumers.delete(stream.name, last.consumer).catch(ignoreMissing);
    }
    this.stored = { record, revision };
    this.handling = 0;
    this.options.state?.take(partition, record.state);
    this.isOwned = true;
    this.refill.start(session, isSameStream ? record.position : 0, signal);
    const { num_pending: waiting } = await consumers.add(stream.name, {
      durable_name: consumer,
      filter_subject: subject,
      ack_policy: AckPolicy.All,
      ack_wait: ACK_WAIT_MS * NANOS_PER_MS,
      max_ack_pending: maxUncommitted,
      inactive_threshold: FORGET_CONSUMER_MS * NANOS_PER_MS,
      ...(record.position === 0
        ? { deliver_policy: DeliverPolicy.All }
        : { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: record.position + 1 }),
    });
    this.behind = waiting;
    return consumer;
  }

  private async consume(
    session: BrokerSession,
    records: PartitionRecords,
    consumer: string,
    signal: AbortSignal,
    onProgress: () => void,
  ): Promise<void> {
    const { stream, maxUncommitted: maxMessages, maxFetchedBytes: maxBytes } = this.options;
    this.broken = undefined;
    let delivered = 0;
    let last = this.stored?.record.position ?? 0;
    const pull = new MessagePull(session, {
      stream: stream.name,
      consumer,
      maxMessages,
      maxBytes,
      onMessage: ({ delivery, sequence, behind, storedAtSeconds }) => {
        delivered += 1;
        if (delivery !== delivered || sequence <= last) {
          // A message is missing, or one came again: a position only means something while the order holds.
          this.break(new Error(`the broker delivered message ${sequence} out of its order`));
          return;
        }
        last = sequence;
        this.behind = behind;
        this.newestSeconds = storedAtSeconds;
        this.wake?.();
      },
      onIdle: () => void this.lookBehind(session, consumer),
      onEnd: (why) => this.break(why),
    });
    this.pull = pull;
    pull.start();
    this.fault = undefined;
    const onAbort = (): void => this.wake?.();
    signal.addEventListener('abort', onAbort);
    try {
      while (!signal.aborted && this.broken === undefined) {
        if (pull.size === 0) {
          await new Promise<void>((resolve) => {
            this.wake = resolve;
          });
          this.wake = undefined;
        } else {
          await this.handleSome(session, pull, records, signal);
          onProgress();
        }
      }
    } finally {
      signal.removeEventListener('abort', onAbort);
      pull.stop();
      this.pull = undefined;
      this.handling = 0;
    }
    if (this.broken !== undefined && !signal.aborted) {
      throw this.broken;
    }
  }

  /** Messages that were counted as waiting, and never came, may have been deleted. */
  private async lookBehind({ manager }: BrokerSession, consumer: string): Promise<void> {
    if (this.behind === 0 || (this.pull?.size ?? 0) + this.handling > 0) {
      return;
    }
    try {
      const { num_pending: waiting } = await manager.consumers.info(this.options.stream.name, consumer);
      this.behind = Math.min(this.behind, waiting);
    } catch (error) {
      this.options.log.warn(
        `partition ${this.options.partition}: cannot read how many messages wait: ${String(error)}`,
      );
    }
  }

  private break(error: Error): void {
    this.broken ??= error;
    this.wake?.();
  }

  /** Under load, messages of some milliseconds share a commit; what comes after a pause waits for nothing. */
  private async gather(pull: MessagePull, signal: AbortSignal): Promise<void> {
    const restMs = this.committedAtMs + COMMIT_GAP_MS - performance.now();
    const isEnough = (): boolean => signal.aborted || this.broken !== undefined || pull.isFull;
    if (restMs <= 0 || isEnough()) {
      return;
    }
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, restMs);
      this.wake = () => {
        if (isEnough()) {
          clearTimeout(timer);
          resolve();
        }
      };
    });
    this.wake = undefined;
  }

  /** Handles the fetched messages, commits, and acknowledges. @throws PartitionLostError */
  private async handleSome(
    { connection }: BrokerSession,
    pull: MessagePull,
    records: PartitionRecords,
    signal: AbortSignal,
  ): Promise<void> {
    await this.gather(pull, signal);
    if (signal.aborted) {
      return;
    }
    const { partition, handlers, state } = this.options;
    const payloads: Uint8Array[] = [];
    let last: StoredMessage | undefined;
    for (let bytes = 0; bytes < TURN_BYTES;) {
      const message = pull.take();
      if (message === undefined) {
        break;
      }
      last = message;
      bytes += message.data.length;
      payloads.push(message.data);
    }
    const { stored } = this;
    if (last === undefined || stored === undefined) {
      return;
    }
    this.handling = payloads.length;
    if (!(await handlers.handle(partition, payloads, epochSeconds()))) {
      return;
    }
    // Read before anything else can change it: it is the effect of exactly the messages up to `position`.
    const record = { ...stored.record, position: last.sequence, state: state?.snapshot(partition) };
    this.stored = { record, revision: await this.commit(records, record, stored.revision, signal) };
    state?.committed?.(partition);
    this.commits += 1;
    this.committedAtMs = performance.now();
    this.handling = 0;
    connection.publish(last.reply, ACK);
  }

  /** Tries for as long as it takes; meanwhile it handles nothing else. @throws PartitionLostError, RecordGoneError */
  private async commit(
    records: PartitionRecords,
    record: PartitionRecord,
    revision: number,
    signal: AbortSignal,
  ): Promise<number> {
    const { partition, owner } = this.options;
    for (let tries = 0; ; tries += 1) {
      try {
        const written = await records.write(partition, record, revision);
        if (written !== undefined) {
          this.fault = undefined;
          return written;
        }
        const found = await records.read(partition);
        if (found?.record.owner === owner && found.record.position === record.position) {
          // This is our own write, whose answer was lost.
          return found.revision;
        }
        if (found === undefined) {
          throw new RecordGoneError(`the record of partition ${partition} is gone`);
        }
        throw new PartitionLostError(partition, found.record.owner);
      } catch (error) {
        if (error instanceof PartitionLostError || error instanceof RecordGoneError || signal.aborted) {
          throw error;
        }
        this.warn(`its position cannot be committed: ${String(error)}`, 'trying again');
      }
      await delay(Math.min(FIRST_WAIT_MS * 2 ** tries, LONGEST_WAIT_MS), undefined, { signal }).catch(
        () => undefined,
      );
    }
  }
}

function ignoreMissing(error: unknown): void {
  if (!isApiError(error, JetStreamApiCodes.ConsumerNotFound)) {
    throw error;
  }
}

function isApiError(error: unknown, code: number): boolean {
  return error instanceof JetStreamApiError && error.code === code;
}
