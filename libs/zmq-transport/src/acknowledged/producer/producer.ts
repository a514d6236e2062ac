import { randomUUID } from 'node:crypto';
import type { LoggerService } from '@nestjs/common';
import {
  type BatchLimits,
  type ClientDeliveryOptions,
  type ClientDeliveryStats,
  type Codec,
  type Delivery,
  type DeliveryFailure,
  type DropReason,
  type EmitStage,
  epochSeconds,
  EventDroppedError,
  type EventQueue,
  InvalidOptionsError,
  lastOf,
  LmdbSpool,
  MemorySpool,
  type OutboxLimits,
  type OverflowPolicy,
  type Spool,
  type SpooledBatch,
  UnacknowledgedEvents,
  timerMs,
  wholeNumber,
} from '@app/transport-core';
import { resolveEndpoints } from '../../sockets/endpoints.js';
import type { AckHeader, DeliverHeader } from '../../wire/frames.js';
import type { ProducerGreeting, SessionGrant } from '../../wire/greeting.js';
import type { ZmqClientOptions } from '../../zmq-options.js';
import { ProducerSession } from './producer-session.js';

const GIB = 1024 ** 3;
const OVERFLOW_POLICIES: readonly OverflowPolicy[] = ['block', 'reject', 'drop-oldest'];
const MAX_NAME_LENGTH = 128;

/** The socket that a producer's batches leave by, a `DealerSocket`; it tells the producer what comes back. */
export interface ProducerSocket {
  /** Whether it would take a batch now. */
  readonly isWritable: boolean;
  /** @param onSent called when the batch was handed to the network */
  sendBatch(header: DeliverHeader, payload: SpooledBatch['payload'], onSent: () => void): void;
  /** Sends HELLO again, to learn where the session stands. */
  hello(): void;
}

/** What acknowledged delivery needs of its client. */
export interface ProducerHost {
  readonly codec: Codec;
  readonly limits: OutboxLimits;
  readonly logger: LoggerService;
  readonly onDropped: (reason: DropReason, events: number) => void;
  readonly onSent: (batch: SpooledBatch) => void;
  /** Called when nothing waits or is on its way any more, and when something may leave now. */
  readonly onProgress: () => void;
}

interface ProducerOptions {
  readonly spool: Spool;
  /** Whether the spool outlives this process. */
  readonly isDurable: boolean;
  readonly producerId: string | undefined;
  readonly maxEvents: number;
  readonly maxBytes: number;
  readonly batchLimits: BatchLimits;
  readonly overflow: OverflowPolicy;
  readonly ackTimeoutMs: number;
}

/** Acknowledged delivery on the client: from `emit` through the spool to the socket, and back with the ACKs. */
export class AcknowledgedProducer implements EventQueue {
  private readonly instance = randomUUID();
  private readonly events: UnacknowledgedEvents;
  private session: ProducerSession | undefined;
  private socket: ProducerSocket | undefined;
  private ackTimer: NodeJS.Timeout | undefined;
  private highestSent = 0;
  private readonly counts = { acknowledged: 0, resent: 0, failed: 0 };

  constructor(
    private readonly options: ProducerOptions,
    private readonly host: ProducerHost,
  ) {
    this.events = new UnacknowledgedEvents({
      ...options,
      codec: host.codec,
      logger: host.logger,
      firstUnsent: () => this.session?.firstUnsent ?? Number.POSITIVE_INFINITY,
      onNumbered: () => this.pump(),
      onStored: (batch) => {
        this.session?.onStored(lastOf(batch));
        this.pump();
      },
      onDropped: (events) => host.onDropped('dropped_oldest', events),
      onFailed: (events) => {
        host.onDropped('spool_failed', events);
        host.onProgress();
      },
    });
  }

  /** Opens the spool; what an earlier process left in it will be sent. @throws SpoolUnusableError */
  async open(): Promise<void> {
    if (this.session === undefined) {
      await this.options.spool.open();
      this.session = new ProducerSession(this.options.spool);
      this.highestSent = this.options.spool.nextSequence - 1;
      this.events.open();
    }
  }

  /** Events that are not acknowledged. */
  get unacknowledged(): number {
    return this.events.events;
  }

  /** Whether the server still has to acknowledge something. */
  get isAwaitingAck(): boolean {
    return this.session?.hasSomethingOnTheWay === true;
  }

  stats(): ClientDeliveryStats {
    const { events, bytes, waits, spoolStats } = this.events;
    const oldest = spoolStats?.oldestAcceptedAtSeconds ?? Number.NaN;
    return {
      unacknowledgedEvents: events,
      unacknowledgedBytes: bytes,
      oldestUnacknowledgedSeconds: Number.isNaN(oldest) ? 0 : Math.max(0, epochSeconds() - oldest),
      credit: this.session?.window ?? 0,
      blocked: waits,
      fault: spoolStats?.fault,
      ...this.counts,
    };
  }

  add(part: unknown, bytes: number, until: EmitStage): Promise<void> | undefined {
    return this.events.add(part, bytes, until);
  }

  /** As {@link add}, and returns the event's stages to follow. @throws OutboxFullError, at once */
  follow(part: unknown, bytes: number): Promise<Delivery> {
    return this.events.follow(part, bytes);
  }

  /** What HELLO says about this producer. */
  greeting(): ProducerGreeting {
    const { producerId, spool } = this.options;
    const acked = this.session?.acked ?? 0;
    return { id: producerId ?? spool.epoch, epoch: spool.epoch, instance: this.instance, acked };
  }

  /** The server welcomed the HELLO. @returns false for a server that must be refused */
  onReady(grant: SessionGrant, socket: ProducerSocket): boolean {
    if (this.session?.onReady(grant) === false) {
      return false;
    }
    this.socket = socket;
    if (this.isAwaitingAck) {
      this.arm();
    }
    this.host.onProgress();
    this.pump();
    return true;
  }

  /** Only ACKs, which name failures, answer a caller that waits for an event; the server sends one after each READY. */
  onAck(ack: AckHeader, failures: readonly DeliveryFailure[]): void {
    const before = this.events.spooledEvents;
    if (this.session?.onAck(ack) === true) {
      this.ackTimer?.refresh();
      // Counts events, not numbers: numbers have gaps.
      this.counts.acknowledged += before - this.events.spooledEvents;
      this.counts.failed += failures.length;
      this.events.onAcknowledged(ack.sequence, failures);
      if (!this.isAwaitingAck) {
        this.disarm();
      }
      this.host.onProgress();
    }
    this.pump();
  }

  /** @returns whether to send HELLO again */
  onResync(session: string): boolean {
    return this.session?.onResync(session) ?? false;
  }

  /** The peer is gone, or HELLO is on its way. */
  onSessionLost(): void {
    this.session?.close();
    this.socket = undefined;
    this.disarm();
  }

  /** Sends what may leave. Call it whenever more may leave than before. */
  pump(): void {
    while (this.socket?.isWritable === true) {
      const next = this.session?.next();
      if (next === undefined) {
        return;
      }
      const { batch, header } = next;
      if (batch.first <= this.highestSent) {
        this.counts.resent += batch.count;
      }
      this.highestSent = Math.max(this.highestSent, lastOf(batch));
      this.arm();
      this.socket.sendBatch(header, batch.payload, () => {
        this.host.onSent(batch);
        this.events.onSent(batch);
        this.host.onProgress();
      });
    }
  }

  /** Closes the spool. @returns events that are lost with it, and those that are kept. */
  async close(): Promise<{ readonly dropped: number; readonly kept: number }> {
    this.events.flush();
    this.onSessionLost();
    const left = this.unacknowledged;
    const { isDurable, spool } = this.options;
    // Events that never reached the spool, because it could not be opened.
    const unnumbered = this.events.closeEntrance();
    this.session = undefined;
    if (!isDurable) {
      // They are reported as dropped: a client that is opened again must not send them.
      spool.release(spool.nextSequence - 1);
    }
    // The spool first writes what is under way: callers that wait for it learn that it is stored.
    await spool.close();
    this.events.failFollowed(new EventDroppedError('the client closed before the event was acknowledged'));
    return isDurable ? { dropped: unnumbered, kept: left - unnumbered } : { dropped: left, kept: 0 };
  }

  private arm(): void {
    this.ackTimer ??= setTimeout(() => this.onAckTimeout(), this.options.ackTimeoutMs).unref();
  }

  private disarm(): void {
    clearTimeout(this.ackTimer);
    this.ackTimer = undefined;
  }

  /** Nothing came for too long. Asking again does no harm, and recovers whatever was lost on the way. */
  private onAckTimeout(): void {
    this.ackTimer = undefined;
    if (this.isAwaitingAck) {
      this.socket?.hello();
    }
  }
}

/** @returns undefined for a client without acknowledged delivery. @throws InvalidOptionsError */
export function createProducer(
  options: ZmqClientOptions,
  host: ProducerHost,
): AcknowledgedProducer | undefined {
  const { delivery } = options;
  if (delivery === undefined) {
    return undefined;
  }
  checkTopology(options);
  const isDurable = delivery.mode === 'durable';
  const { maxEvents, maxBytes } = host.limits;
  const maxSpoolBytes = delivery.maxSpoolBytes ?? (isDurable ? GIB : maxBytes);
  return new AcknowledgedProducer(
    {
      spool: createSpool(delivery, host),
      isDurable,
      producerId: producerId(delivery),
      maxEvents: isDurable ? Number.POSITIVE_INFINITY : maxEvents,
      maxBytes: wholeNumber('delivery.maxSpoolBytes', maxSpoolBytes, 1),
      batchLimits: host.limits,
      overflow: overflowPolicy(delivery),
      ackTimeoutMs: timerMs('delivery.ackTimeoutMs', delivery.ackTimeoutMs ?? 10_000, 1),
    },
    host,
  );
}

/** When `emit` completes unless a record says otherwise. @throws InvalidOptionsError */
export function emitStage({ delivery, emitResolves }: ZmqClientOptions): EmitStage {
  const stage = emitResolves ?? (delivery?.mode === 'durable' ? 'stored' : 'accepted');
  checkStage(stage, delivery);
  return stage;
}

/** @throws InvalidOptionsError when events of such a client never reach that stage. */
export function checkStage(stage: EmitStage, delivery: ClientDeliveryOptions | undefined): void {
  if (stage === 'applied' && delivery === undefined) {
    throw new InvalidOptionsError('`applied` needs acknowledged delivery: set `delivery`');
  }
  if (stage === 'stored' && delivery?.mode !== 'durable') {
    throw new InvalidOptionsError('`stored` needs durable delivery: set `delivery.mode` to "durable"');
  }
}

/** Its numbers are one sequence for one server: two servers behind one socket would each see half the numbers. */
function checkTopology(options: ZmqClientOptions): void {
  const { role, addresses } = resolveEndpoints(options);
  if (options.pair !== 'dealer-router') {
    throw new InvalidOptionsError('`delivery` needs the pair "dealer-router"');
  }
  if (role !== 'connect' || addresses.length !== 1) {
    throw new InvalidOptionsError('`delivery` needs `connect` with exactly one address');
  }
}

function createSpool({ mode, directory }: ClientDeliveryOptions, { logger, onDropped }: ProducerHost): Spool {
  if (mode === 'acknowledged') {
    return new MemorySpool();
  }
  if (mode !== 'durable') {
    throw new InvalidOptionsError(
      `\`delivery.mode\` must be "acknowledged" or "durable", not ${String(mode)}`,
    );
  }
  if (directory === undefined || directory === '') {
    throw new InvalidOptionsError(
      '`delivery.directory` is missing: durable delivery needs a folder for its spool',
    );
  }
  return new LmdbSpool({
    directory,
    onWarning: ({ message }) => logger.warn(message),
    onDamaged: ({ first }) => {
      logger.error(`the spool in ${directory} is damaged: the batch that begins with event ${first} is lost`);
      // How many events it had is lost too.
      onDropped('spool_damaged', 1);
    },
  });
}

function producerId({ producerId: id }: ClientDeliveryOptions): string | undefined {
  if (id !== undefined && (id.length === 0 || id.length > MAX_NAME_LENGTH)) {
    throw new InvalidOptionsError(`\`delivery.producerId\` must have 1 to ${MAX_NAME_LENGTH} characters`);
  }
  return id;
}

function overflowPolicy({ overflow = 'reject' }: ClientDeliveryOptions): OverflowPolicy {
  if (!OVERFLOW_POLICIES.includes(overflow)) {
    throw new InvalidOptionsError(`\`delivery.overflow\` must be one of ${OVERFLOW_POLICIES.join(', ')}`);
  }
  return overflow;
}
