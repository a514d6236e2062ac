import type { LoggerService } from '@nestjs/common';
import { JetStreamApiError } from '@nats-io/jetstream';
import { errors } from '@nats-io/transport-node';
import {
  type DeliveryFailure,
  lastOf,
  type Spool,
  type SpooledBatch,
  ThrottledLog,
} from '@app/transport-core';
import type { BrokerSession } from '../broker.js';
import { BrokerUnreachableError } from '../errors.js';
import { findStored } from './stored-batches.js';

/** Most messages that may be on their way at once; an earlier process can have left no more than this in doubt. */
export const MAX_UNCONFIRMED = 1024;
/** A name that no stream can have. */
const NO_STREAM = '.';
/** JetStream's error for a message that expects another stream. */
const STREAM_NOT_MATCH = 10_060;
/** Over about half a second: a stream that was just made is not known to all of a cluster at once. */
const PROOF_TRIES = 4;
const FIRST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 2000;

export interface PublishWindowOptions {
  readonly spool: Spool;
  readonly stream: string;
  readonly partitions: number;
  readonly subjectOf: (partition: number) => string;
  /** Most messages that may be published and not confirmed. */
  readonly maxUnconfirmed: number;
  readonly confirmTimeoutMs: number;
  readonly duplicateWindowMs: number;
  readonly logger: LoggerService;
  /** Nothing stores what is published: the stream seems to be gone. */
  readonly onStreamMissing: () => void;
  /** The batch was given to the connection, by this process for the first time or again. */
  readonly onSent: (batch: SpooledBatch, isFirst: boolean) => void;
  /** Every event up to `sequence` has left the spool: it is stored, or in `failures`, which no broker will take. */
  readonly onConfirmed: (sequence: number, events: number, failures: readonly DeliveryFailure[]) => void;
}

/** A batch that was published, or will be. */
interface Unconfirmed {
  readonly batch: SpooledBatch;
  /** When this process published it first, by the monotonic clock in milliseconds; undefined for an earlier process's batch. */
  firstPublishedMs: number | undefined;
  tries: number;
  isConfirmed: boolean;
  failure: string | undefined;
}

/**
 * Publishes a spool's batches in order, a bounded number at once, and removes each from the spool once the broker has it. A
 * message has the name `<epoch>-<first sequence>` (`Nats-Msg-Id`), so publishing it again is harmless while the broker
 * remembers the name. After that, this asks the stream itself.
 */
export class PublishWindow {
  /** By the number of their first event, oldest first. */
  private readonly unconfirmed = new Map<number, Unconfirmed>();
  private readonly log: ThrottledLog;
  private session: BrokerSession | undefined;
  /** The first number that was never published by this process. */
  private next = 1;
  /** Numbers up to this one are stored as safely as the spool can. */
  private safe = 0;
  /** Numbers below this may have been published by an earlier process. */
  private inherited = 0;
  private isInheritanceKnown = false;
  /** First numbers of batches that the stream has already. */
  private readonly storedBefore = new Set<number>();
  private partition = 0;
  /** The session whose doubts are being settled. */
  private looking: BrokerSession | undefined;
  private waiting: NodeJS.Timeout | undefined;
  private readonly counts = {
    messages: 0,
    bytes: 0,
    repeated: 0,
    repeatedEvents: 0,
    duplicates: 0,
    failed: 0,
  };

  constructor(private readonly options: PublishWindowOptions) {
    this.log = new ThrottledLog(options.logger);
  }

  /** Messages that are published and not yet confirmed. */
  get size(): number {
    return this.unconfirmed.size;
  }

  /** The first number that was certainly never published. */
  get firstUnsent(): number {
    return Math.max(this.next, this.inherited);
  }

  /** Counts of messages published, published again, and already known to the broker, and of events that it will never take. */
  get published(): Readonly<typeof this.counts> {
    return this.counts;
  }

  /** The spool is open: what an earlier process left in it goes first. */
  open(): void {
    this.safe = this.options.spool.nextSequence - 1;
    this.inherited = this.options.spool.nextSequence;
  }

  onStored(batch: SpooledBatch): void {
    this.safe = Math.max(this.safe, lastOf(batch));
    this.pump();
  }

  /** The broker is there, for the first time or again. */
  onConnected(session: BrokerSession): void {
    this.session = session;
    void this.settleDoubts(session);
  }

  onDisconnected(): void {
    this.session = undefined;
  }

  /** Publishes what may leave. */
  pump(): void {
    while (
      this.session !== undefined &&
      this.looking === undefined &&
      this.waiting === undefined &&
      this.unconfirmed.size < this.options.maxUnconfirmed
    ) {
      const batch = this.options.spool.readFrom(this.next);
      if (batch === undefined || lastOf(batch) > this.safe) {
        return;
      }
      this.next = lastOf(batch) + 1;
      const entry = this.add(batch);
      if (this.storedBefore.delete(batch.first)) {
        this.onConfirmed(entry);
      } else {
        this.publish(entry, this.session);
      }
    }
  }

  /** Stops publishing. */
  close(): void {
    this.session = undefined;
    clearTimeout(this.waiting);
    this.waiting = undefined;
    this.unconfirmed.clear();
  }

  private add(batch: SpooledBatch): Unconfirmed {
    const entry = { batch, firstPublishedMs: undefined, tries: 0, isConfirmed: false, failure: undefined };
    this.unconfirmed.set(batch.first, entry);
    return entry;
  }

  /**
   * Asks the stream about messages whose fate is unknown and whose names the broker may have forgotten: an earlier process
   * published them, or the connection was away for too long.
   */
  private async settleDoubts(session: BrokerSession): Promise<void> {
    this.looking = session;
    try {
      await this.askStream(session);
    } catch (error) {
      this.log.warn(`cannot ask the stream which messages it has: ${messageOf(error)}; trying again`);
      this.later(() => void (this.session === session && this.settleDoubts(session)), 1);
      return;
    } finally {
      // A newer session may be looking by now: until it knows, nothing leaves.
      if (this.looking === session) {
        this.looking = undefined;
      }
    }
    this.advance();
    for (const entry of this.unconfirmed.values()) {
      if (!entry.isConfirmed && this.session === session) {
        this.publish(entry, session);
      }
    }
    this.pump();
  }

  private async askStream(session: BrokerSession): Promise<void> {
    const { duplicateWindowMs, stream } = this.options;
    const oldMs = performance.now() - duplicateWindowMs / 2;
    const entries = [...this.unconfirmed.values()].filter(
      ({ isConfirmed, firstPublishedMs = 0 }) => !isConfirmed && firstPublishedMs < oldMs,
    );
    const inherited = this.isInheritanceKnown ? [] : this.inheritedBatches();
    const [oldest] = [...entries.map(({ batch }) => batch), ...inherited];
    if (oldest !== undefined) {
      const names = new Set(
        [...entries.map(({ batch }) => batch), ...inherited].map((it) => this.nameOf(it)),
      );
      const stored = await findStored(session, stream, names, oldest.acceptedAtSeconds);
      for (const entry of entries) {
        entry.isConfirmed ||= stored.has(this.nameOf(entry.batch));
      }
      for (const batch of inherited) {
        if (stored.has(this.nameOf(batch))) {
          this.storedBefore.add(batch.first);
        }
      }
    }
    this.isInheritanceKnown = true;
  }

  /** The batches that an earlier process may have published: it had at most this many on the way. */
  private inheritedBatches(): Omit<SpooledBatch, 'payload'>[] {
    const batches: Omit<SpooledBatch, 'payload'>[] = [];
    for (let next = 1; batches.length < MAX_UNCONFIRMED;) {
      const batch = this.options.spool.readFrom(next);
      if (batch === undefined || batch.first >= this.inherited) {
        break;
      }
      const { first, count, bytes, acceptedAtSeconds } = batch;
      batches.push({ first, count, bytes, acceptedAtSeconds });
      next = lastOf(batch) + 1;
    }
    return batches;
  }

  private nameOf({ first }: Pick<SpooledBatch, 'first'>): string {
    return `${this.options.spool.epoch}-${first}`;
  }

  private publish(entry: Unconfirmed, session: BrokerSession): void {
    const { batch } = entry;
    const { stream, subjectOf, partitions, confirmTimeoutMs: timeout, onSent } = this.options;
    const isFirst = entry.tries === 0;
    if (isFirst) {
      this.counts.messages += 1;
      this.counts.bytes += batch.bytes;
    } else {
      this.counts.repeated += 1;
      this.counts.repeatedEvents += batch.count;
    }
    entry.tries += 1;
    entry.firstPublishedMs ??= performance.now();
    this.partition = (this.partition + 1) % partitions;
    session.jetstream
      .publish(subjectOf(this.partition), batch.payload, {
        msgID: this.nameOf(batch),
        expect: { streamName: stream },
        timeout,
      })
      .then(
        ({ duplicate }) => {
          this.counts.duplicates += duplicate ? 1 : 0;
          this.onConfirmed(entry);
        },
        (error: unknown) => this.onFailed(entry, error, session),
      );
    onSent(batch, isFirst);
  }

  private onConfirmed(entry: Unconfirmed): void {
    if (this.unconfirmed.get(entry.batch.first) !== entry) {
      return;
    }
    entry.isConfirmed = true;
    this.advance();
    this.pump();
  }

  /** Removes the oldest confirmed batches from the spool. */
  private advance(): void {
    const { spool, onConfirmed } = this.options;
    for (const [first, { batch, isConfirmed, failure }] of this.unconfirmed) {
      if (!isConfirmed) {
        return;
      }
      this.unconfirmed.delete(first);
      const failures: DeliveryFailure[] = [];
      if (failure !== undefined) {
        this.counts.failed += batch.count;
        for (let sequence = first; sequence <= lastOf(batch); sequence += 1) {
          failures.push({ sequence, reason: 'oversize', detail: failure });
        }
      }
      spool.release(lastOf(batch));
      onConfirmed(lastOf(batch), batch.count, failures);
    }
  }

  private onFailed(entry: Unconfirmed, error: unknown, session: BrokerSession): void {
    if (this.unconfirmed.get(entry.batch.first) !== entry) {
      return;
    }
    if (isTooLarge(error)) {
      // Every further try would fail the same way, and everything behind it would wait for ever.
      entry.failure = `the broker does not take messages this large: ${messageOf(error)}`;
      this.log.error(`${entry.batch.count} events are given up: ${entry.failure}`);
      this.onConfirmed(entry);
      return;
    }
    if (this.session !== session) {
      // Published again once the broker is back.
      return;
    }
    // How the client reports a subject without a stream.
    const isStreamMissing = error instanceof Error && error.name === 'JetStreamNotEnabled';
    if (isStreamMissing) {
      this.options.onStreamMissing();
    }
    const why = isStreamMissing ? 'no stream has its subject' : messageOf(error);
    this.log.warn(`the broker did not confirm a message: ${why}; publishing it again`);
    this.later(() => {
      if (this.session === session && !entry.isConfirmed) {
        this.publish(entry, session);
      }
      this.pump();
    }, entry.tries);
  }

  /**
   * While a message waits to be published again, nothing new leaves: messages without room at the broker would only pile up.
   */
  private later(work: () => void, tries: number): void {
    const waitMs = Math.min(FIRST_WAIT_MS * 2 ** Math.min(tries - 1, 10), LONGEST_WAIT_MS);
    const timer = setTimeout(() => {
      if (this.waiting === timer) {
        this.waiting = undefined;
      }
      work();
    }, waitMs);
    timer.unref();
    this.waiting = timer;
  }
}

/** JetStream's "message size exceeds maximum allowed", and the client's own error about the server's `max_payload`. */
const MESSAGE_EXCEEDS_MAXIMUM = 10_054;

function isTooLarge(error: unknown): boolean {
  return error instanceof JetStreamApiError
    ? error.code === MESSAGE_EXCEEDS_MAXIMUM
    : error instanceof errors.InvalidArgumentError && error.message.includes('max_payload');
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * Publishes what no stream stores, as it expects another one.
 * @throws what the broker says when it takes no publish; BrokerUnreachableError when nothing takes the subject yet
 */
export async function provePublish({ jetstream }: BrokerSession, subject: string): Promise<void> {
  try {
    await jetstream.publish(subject, '', { expect: { streamName: NO_STREAM }, retries: PROOF_TRIES });
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === STREAM_NOT_MATCH) {
      return;
    }
    // The stream was there a moment ago: it has no leader yet, or its subjects are not known to this server yet.
    const isUntaken = error instanceof Error && error.name === 'JetStreamNotEnabled';
    throw isUntaken
      ? new BrokerUnreachableError(`the stream does not take ${subject} yet`, { cause: error })
      : error;
  }
}
