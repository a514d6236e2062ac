import { randomBytes } from 'node:crypto';
import type { LoggerService } from '@nestjs/common';
import {
  type DeliveryFailure,
  type FailedEvent,
  type ServerDeliveryOptions,
  type ServerDeliveryStats,
  ThrottledLog,
  wholeNumber,
} from '@app/transport-core';
import {
  MAX_BELIEVED_GAP,
  decodeDeliver,
  encodeAck,
  encodeFailures,
  encodeResync,
  MAX_DETAIL_LENGTH,
  REFUSED,
  SESSION_BYTES,
} from '../../wire/frames.js';
import {
  encodeRefused,
  type ProducerGreeting,
  type RefusalCode,
  type SessionGrant,
} from '../../wire/greeting.js';
import { BatchRunner } from './batch-runner.js';
import { ConsumerSessions, type Welcome } from './consumer-sessions.js';
import { possible, type ReceivedBatch } from './followed-producer.js';

/** The frames of an ACK, and what to do once they have left. */
export interface DueAck {
  readonly frames: (Buffer | string)[];
  readonly onSent: () => void;
}

/** The way back to the peers of one socket: `ReplyOutbox`. */
export interface ConsumerReplies {
  control(identity: Buffer, kind: number, payload: Buffer): void;
  /** The answer to a HELLO that is welcome. */
  ready(identity: Buffer, grant: SessionGrant): void;
  /** An ACK is due: {@link AcknowledgedConsumer.ackFor} is asked for it when the peer's turn comes. */
  acknowledge(identity: Buffer): void;
  resync(identity: Buffer, frame: Buffer): void;
  isThere(identity: Buffer): Promise<boolean>;
}

export interface HandledBatch {
  /** Events that were brought to their handlers; undefined when the batch could not be read. */
  readonly events: number | undefined;
  /** Those that failed for good. */
  readonly failed: readonly FailedEvent[];
}

export interface AcknowledgedConsumerParts {
  /** Runs a batch's handlers: `PayloadIntake.handle`. @returns undefined when some of its events were given up */
  readonly handle: (batch: ReceivedBatch) => Promise<HandledBatch | undefined>;
  readonly options: ServerDeliveryOptions;
  readonly logger: LoggerService;
}

/** What an ACK has room for. */
const MAX_WINDOW = 2 ** 32 - 1;
/** How long after the loss of a connection the server asks which peers are still there. */
const LOOK_AROUND_MS = 500;

const REFUSAL_REASONS: Partial<Record<RefusalCode, string>> = {
  busy: 'events of an earlier epoch of this producer are still being handled',
  malformed: 'this connection belongs to another producer',
};

/** A peer that said HELLO with a producer id that another instance has. */
interface Newcomer {
  readonly identity: Buffer;
  readonly producer: ProducerGreeting;
}

/** Acknowledged delivery on the server: from HELLO and DELIVER to ACK. Lives as long as its server, over all its sockets. */
export class AcknowledgedConsumer {
  private readonly sessions: ConsumerSessions;
  private readonly runner: BatchRunner;
  private replies: ConsumerReplies | undefined;
  private isClosing = false;
  private hasLoaded = false;
  /** Peers that wait for a producer id, by the peer that has it, while the server asks whether that peer is still there. */
  private readonly newcomers = new Map<string, Map<string, Newcomer>>();
  private readonly counts = {
    duplicates: 0,
    stale: 0,
    resyncs: 0,
    retries: 0,
    commitFailures: 0,
    handled: 0,
    forgotten: 0,
  };
  private readonly log: ThrottledLog;
  /** A log of its own: warnings about producers must not throttle those about the ledger. */
  private readonly ledgerLog: ThrottledLog;
  private lookAround: NodeJS.Timeout | undefined;

  /** @throws InvalidOptionsError */
  constructor(private readonly parts: AcknowledgedConsumerParts) {
    const { options } = parts;
    this.log = new ThrottledLog(parts.logger);
    this.ledgerLog = new ThrottledLog(parts.logger);
    this.sessions = new ConsumerSessions({
      windowEvents: wholeNumber('delivery.windowEvents', options.windowEvents ?? 8192, 1, MAX_WINDOW),
      windowBytes: wholeNumber('delivery.windowBytes', options.windowBytes ?? 16 * 1024 * 1024, 1),
      maxProducers: wholeNumber('delivery.maxProducers', options.maxProducers ?? 1024, 1),
      newSession: () => randomBytes(SESSION_BYTES).toString('hex'),
    });
    this.runner = new BatchRunner({
      sessions: this.sessions,
      ledger: options.ledger,
      handle: (batch) => this.handle(batch),
      onCommitted: (peer) => this.acknowledge(peer),
      onCommitFailed: (error) => this.onCommitFailed(error),
    });
  }

  /** Reads the ledger, once. */
  async load(): Promise<void> {
    if (!this.hasLoaded) {
      this.sessions.restore((await this.parts.options.ledger?.load()) ?? []);
      this.hasLoaded = true;
    }
  }

  /** A new socket. */
  attach(replies: ConsumerReplies): void {
    this.replies = replies;
    this.newcomers.clear();
    this.isClosing = false;
    this.runner.resume();
  }

  stats(): ServerDeliveryStats {
    const { connected, queuedEvents, keptFailures, unnamedFailures } = this.sessions;
    return {
      ...this.counts,
      producers: connected,
      queuedEvents,
      keptFailures,
      unnamedFailures,
    };
  }

  countRetry(): void {
    this.counts.retries += 1;
  }

  /** See {@link BatchRunner.runExclusive}. */
  runExclusive<T>(work: () => T | Promise<T>): Promise<T> {
    return this.runner.runExclusive(work);
  }

  /** Answers the HELLO of a producer. */
  greet(identity: Buffer, producer: ProducerGreeting): undefined {
    const peer = peerOf(identity);
    const welcome = this.sessions.greet(peer, producer);
    if (welcome.kind === 'occupied') {
      void this.lookFor(welcome.peer, { identity, producer });
      return undefined;
    }
    this.answer(identity, welcome);
    // Its batches may have waited until an ACK could name its earlier failures.
    this.runner.notify(producer.id);
    return undefined;
  }

  /** Takes a DELIVER. @returns false when its header cannot be read. */
  receive(identity: Buffer, frame: Buffer, payload: Buffer, receivedAtSeconds: number): boolean {
    const header = decodeDeliver(frame);
    if (header === undefined) {
      return false;
    }
    if (this.isClosing) {
      // Its producer keeps it, because it is not acknowledged.
      return true;
    }
    const peer = peerOf(identity);
    const producer = this.sessions.producerAt(peer);
    switch (this.sessions.receive(peer, header, payload, receivedAtSeconds)) {
      case 'queued':
        this.letGoOfForgotten();
        this.runner.notify(producer ?? '');
        break;
      case 'duplicate':
        this.counts.duplicates += possible(header.count, payload);
        this.replies?.acknowledge(identity);
        break;
      case 'resync':
        this.counts.resyncs += 1;
        this.replies?.resync(identity, encodeResync(header.session));
        break;
      case 'stale':
        this.counts.stale += possible(header.count, payload);
        if (producer === undefined) {
          // It lost its place to another producer while it had nothing to deliver.
          this.replies?.resync(identity, encodeResync(header.session));
        }
    }
    return true;
  }

  /** The frames of the ACK that is due to a peer. */
  ackFor(identity: Buffer): DueAck | undefined {
    const peer = peerOf(identity);
    const due = this.sessions.ackOf(peer);
    if (due === undefined) {
      return undefined;
    }
    const failures = due.failures.length > 0 ? [encodeFailures(due.failures)] : [];
    return {
      frames: [encodeAck(due.ack), ...failures],
      onSent: () => {
        if (this.sessions.acknowledged(peer, due.ack.sequence)) {
          this.replies?.acknowledge(identity);
        }
        this.runner.notify(this.sessions.producerAt(peer) ?? '');
      },
    };
  }

  /** The peer with this identity is gone. */
  leave(identity: Buffer): void {
    this.leaveAt(peerOf(identity));
  }

  /** A connection was lost. libzmq does not say whose, so all peers are asked: one that is gone must not count as connected. */
  onPeerLost(): void {
    this.lookAround ??= setTimeout(() => {
      this.lookAround = undefined;
      for (const peer of this.sessions.peers) {
        // `leave` is called for a peer that is gone.
        void this.replies?.isThere(identityOf(peer));
      }
    }, LOOK_AROUND_MS).unref();
  }

  /** Takes no more batches: their producers keep them. */
  takeNoMore(): void {
    this.isClosing = true;
  }

  /** Resolves when all batches that were taken are handled and committed. */
  finish(): Promise<void> {
    return this.runner.untilIdle();
  }

  /** Gives up what still waits: its producers send it again. */
  stop(): void {
    this.takeNoMore();
    this.runner.stop();
  }

  private async handle(batch: ReceivedBatch): Promise<readonly DeliveryFailure[] | undefined> {
    const handled = await this.parts.handle(batch);
    if (handled === undefined) {
      return undefined;
    }
    if (handled.events !== undefined) {
      // Counted only now: a header may claim anything, and a rejected batch counts for nothing.
      this.counts.handled += handled.events;
      this.countForgotten(batch);
    }
    return handled.failed.map(({ index, reason, detail }) => ({
      sequence: batch.first + index,
      reason,
      detail: detail.slice(0, MAX_DETAIL_LENGTH),
    }));
  }

  private leaveAt(peer: string): void {
    const producer = this.sessions.producerAt(peer);
    this.sessions.leave(peer);
    this.runner.notify(producer ?? '');
  }

  private letGoOfForgotten(): void {
    for (const producer of this.sessions.takeForgotten()) {
      this.runner.forget(producer);
      this.parts.options.ledger?.forget(producer);
    }
  }

  private countForgotten({ producer, forgotten }: ReceivedBatch): void {
    if (forgotten > 0) {
      this.counts.forgotten += Math.min(forgotten, MAX_BELIEVED_GAP);
      this.log.warn(
        `producer ${JSON.stringify(producer)} has acknowledgements for ${forgotten} events that this server lacks: ` +
          'an older ledger was restored, or another program uses its name',
      );
    }
  }

  private acknowledge(peer: string | undefined): void {
    if (peer !== undefined) {
      this.replies?.acknowledge(identityOf(peer));
    }
  }

  private answer(identity: Buffer, welcome: Exclude<Welcome, { kind: 'occupied' }>): void {
    if (welcome.kind === 'granted') {
      this.replies?.ready(identity, welcome.grant);
      // The producer may not have heard of earlier failures.
      this.replies?.acknowledge(identity);
      return;
    }
    const reason = REFUSAL_REASONS[welcome.code] ?? 'the server cannot follow more producers (maxProducers)';
    this.replies?.control(identity, REFUSED, Buffer.from(encodeRefused(welcome.code, reason)));
  }

  /**
   * Another instance has the id: while it is connected, the newcomers have to wait. The server asks it one question at a time.
   */
  private async lookFor(occupant: string, newcomer: Newcomer): Promise<void> {
    const waiting = this.newcomers.get(occupant);
    const newcomers = waiting ?? new Map<string, Newcomer>();
    newcomers.set(peerOf(newcomer.identity), newcomer);
    if (waiting !== undefined || this.replies === undefined) {
      return;
    }
    this.newcomers.set(occupant, newcomers);
    const isThere = await this.replies.isThere(identityOf(occupant));
    this.newcomers.delete(occupant);
    if (!isThere) {
      this.leaveAt(occupant);
    }
    for (const { identity, producer } of newcomers.values()) {
      if (isThere) {
        this.refuseSecond(identity, producer);
      } else {
        this.greet(identity, producer);
      }
    }
  }

  private refuseSecond(identity: Buffer, { id }: ProducerGreeting): void {
    const reason = `another instance of producer ${JSON.stringify(id)} is connected`;
    this.log.warn(reason);
    this.replies?.control(identity, REFUSED, Buffer.from(encodeRefused('producer_in_use', reason)));
  }

  private onCommitFailed(error: unknown): void {
    this.counts.commitFailures += 1;
    this.ledgerLog.error(
      'the ledger could not store a position: nothing is acknowledged until it can store one',
      error,
    );
  }
}

/** Sessions name peers by text; latin1 keeps each identity apart. */
function peerOf(identity: Buffer): string {
  return identity.toString('latin1');
}

function identityOf(peer: string): Buffer {
  return Buffer.from(peer, 'latin1');
}
