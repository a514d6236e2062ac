import { DeliverPolicy, type JsMsg } from '@nats-io/jetstream';
import type { ThrottledLog } from '@app/transport-core';
import type { BrokerSession } from '../broker.js';
import type { PartitionState, StreamSettings } from '../options.js';

const MESSAGES_TOGETHER = 500;

/** What a refill needs to know of its partition. */
export interface RefillOptions {
  readonly partition: number;
  readonly stream: StreamSettings;
  readonly subject: string;
  readonly state: PartitionState | undefined;
  readonly refillMs: number;
  readonly handlers: {
    /** A message that was handled before this process took the partition. */
    refill(partition: number, payload: Uint8Array, receivedAtSeconds: number): Promise<void> | void;
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
        log.warn(`partition ${partition}: its last minutes cannot be read again: ${String(error)}`);
      }
    }
    if (!signal.aborted) {
      this.isOver = true;
      state?.refilled?.(partition);
    }
  }

  private async read({ jetstream }: BrokerSession, end: number, signal: AbortSignal): Promise<void> {
    const { refillMs, stream, subject, partition, handlers } = this.options;
    const reader = await jetstream.consumers.get(stream.name, {
      filter_subjects: subject,
      deliver_policy: DeliverPolicy.StartTime,
      opt_start_time: new Date(Date.now() - refillMs).toISOString(),
    });
    const { num_pending: waiting } = await reader.info();
    for (let left = waiting, last = 0; left > 0 && last < end;) {
      const messages = await reader.fetch({ max_messages: Math.min(left, MESSAGES_TOGETHER), expires: 5000 });
      let got = 0;
      for await (const message of messages) {
        if (signal.aborted) {
          return;
        }
        got += 1;
        last = message.seq;
        if (last <= end && last > this.readTo) {
          this.readTo = last;
          await handlers.refill(partition, message.data, secondsOf(message));
        }
      }
      if (got === 0) {
        break;
      }
      left -= got;
    }
    await reader.delete();
  }
}

/** When the broker stored a message, in unix epoch seconds. */
export function secondsOf({ timestampNanos }: JsMsg): number {
  return Number(timestampNanos / 1000n) / 1e6;
}
