import { EventEmitter, once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { AckPolicy, DeliverPolicy } from '@nats-io/jetstream';
import type { ThrottledLog } from '@app/transport-core';
import type { BrokerSession } from '../broker.js';
import type { PartitionState, RefillAnswer, StreamSettings } from '../options.js';
import { MessagePull } from './message-pull.js';

const MESSAGES_TOGETHER = 500;
/**
 * Bytes of a partition that are handled, or read again, before all else gets a turn. With fewer for the reading, windows would not be
 * full before newer messages end it.
 */
export const TURN_BYTES = 512 * 1024;
/** A partition that gives nothing for so long is left out. */
const PATIENCE_MS = 5000;
const NANOS_PER_MS = 1_000_000;

/** What a refill needs to know of its partition. */
export interface RefillOptions {
  readonly partition: number;
  readonly stream: StreamSettings;
  readonly subject: string;
  readonly state: PartitionState | undefined;
  readonly refillMs: number;
  /** Most bytes of messages that wait for the handlers, and as many for a refill. */
  readonly maxFetchedBytes: number;
  readonly handlers: {
    /** A message that was handled before this process took the partition. */
    refill(partition: number, payload: Uint8Array, receivedAtSeconds: number): RefillAnswer;
  };
  /** For what may hit all partitions at once: one line of it is enough. */
  readonly log: ThrottledLog;
}

/** Reads the last minutes of a partition once more, beside the handling: that must not wait for it. */
export class PartitionRefill {
  private running: Promise<void> | undefined;
  /** The last message to read: this process handles what follows it. */
  private end: number | undefined;
  /** The last message that was read. */
  private readTo = 0;
  private isOver = false;

  constructor(private readonly options: RefillOptions) {}

  /**
   * The process has taken the partition, for the first time or again; then it goes on where it ended.
   * @param position what was handled before; 0: nothing, or it is another stream now
   */
  start(session: BrokerSession, position: number, signal: AbortSignal): void {
    this.end = position === 0 ? 0 : (this.end ?? position);
    const before = this.running;
    this.running = (async () => {
      await before;
      if (!this.isOver && !signal.aborted) {
        await this.run(session, this.end ?? 0, signal);
      }
    })();
  }

  private async run(session: BrokerSession, end: number, signal: AbortSignal): Promise<void> {
    const { log, partition, refillMs, state } = this.options;
    try {
      if (refillMs > 0 && end > 0) {
        await this.read(session, end, signal);
      }
    } catch (error) {
      if (!signal.aborted) {
        log.warn(`partition ${partition}: cannot read its last minutes again: ${String(error)}`);
      }
    }
    if (!signal.aborted) {
      this.isOver = true;
      state?.refilled?.(partition);
    }
  }

  private async read(session: BrokerSession, end: number, signal: AbortSignal): Promise<void> {
    const { consumers } = session.manager;
    const { refillMs, stream, subject, partition, handlers, maxFetchedBytes: maxBytes } = this.options;
    const { name: consumer, num_pending: waiting } = await consumers.add(stream.name, {
      filter_subject: subject,
      deliver_policy: DeliverPolicy.StartTime,
      opt_start_time: new Date(Date.now() - refillMs).toISOString(),
      ack_policy: AckPolicy.None,
      mem_storage: true,
      num_replicas: 1,
      inactive_threshold: 4 * PATIENCE_MS * NANOS_PER_MS,
    });
    let fault: Error | undefined;
    const arrivals = new EventEmitter();
    const pull = new MessagePull(session, {
      stream: stream.name,
      consumer,
      maxMessages: MESSAGES_TOGETHER,
      maxBytes,
      onMessage: () => arrivals.emit('message'),
      onEnd: (why) => {
        fault = why;
        arrivals.emit('message');
      },
    });
    pull.start();
    try {
      let turnBytes = 0;
      let isWanted = true;
      for (let left = waiting, last = 0; isWanted && left > 0 && last < end && !signal.aborted; left -= 1) {
        if (pull.size === 0 && fault === undefined) {
          await once(arrivals, 'message', {
            signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]),
          });
        }
        const message = pull.take();
        if (message === undefined) {
          throw fault ?? new Error('the broker sent nothing');
        }
        last = message.sequence;
        if (last <= end && last > this.readTo) {
          this.readTo = last;
          isWanted = (await handlers.refill(partition, message.data, message.storedAtSeconds)) !== false;
        }
        turnBytes += message.data.length;
        if (turnBytes >= TURN_BYTES) {
          turnBytes = 0;
          await nextTurn();
        }
      }
    } finally {
      pull.stop();
    }
    await consumers.delete(stream.name, consumer);
  }
}
