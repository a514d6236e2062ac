import { BaseRpcContext, type PacketMetadata } from '@nestjs/microservices';
import { UnsupportedOperationError } from '../errors.js';

type ContextArgs = [
  pattern: string,
  receivedAtSeconds: number,
  metadata: PacketMetadata | undefined,
  partition?: number | undefined,
];

/** What a handler can learn about its event or request besides the payload: `@Ctx() context: ZmqContext`. */
export class ZmqContext extends BaseRpcContext<ContextArgs> {
  /** The pattern as it was sent (an object pattern as JSON). */
  getPattern(): string {
    return this.args[0];
  }

  /**
   * When the server had taken the message from its socket: seconds since the Unix epoch, with microseconds. Messages that wait
   * are taken together and share one time, read after the last of them: it is never before an event's arrival, and later by no
   * more than taking them took.
   */
  get receivedAtSeconds(): number {
    return this.args[1];
  }

  /** What the sender's dispatch hook attached to the packet (a trace context, for example); for a batch, to its first event. */
  getMetadata(): PacketMetadata | undefined {
    return this.args[2];
  }

  /** The partition that the event was stored in; undefined for transports without. */
  get partition(): number | undefined {
    return this.args[3];
  }
}

/** What a batch handler said of one of its events. */
export interface EventVerdict {
  /** Whether another call may succeed. */
  readonly mayBeOver: boolean;
  readonly detail: string;
  readonly cause: unknown;
}

/**
 * The context of a batch handler. Once the handler has ended, events that neither {@link reject} nor {@link fail} named count
 * as handled; when the handler throws, they count as failed.
 */
export class ZmqBatchContext extends ZmqContext {
  private named: Map<number, EventVerdict> | undefined;
  private isOver = false;

  constructor(
    args: ContextArgs,
    private readonly count: number,
    private metadata?: readonly (PacketMetadata | undefined)[],
  ) {
    super(args);
  }

  /** The metadata of each event, in the order of the payload. */
  getBatchMetadata(): readonly (PacketMetadata | undefined)[] {
    this.metadata ??= Array.from({ length: this.count }, () => undefined);
    return this.metadata;
  }

  /**
   * Rejects the event at `index` of the payload for good: the server counts it, passes it to `onRejected` with its content,
   * reports it to an acknowledged producer as failed, and does not try it again. The first verdict on an event holds.
   * @param detail for people: what was wrong
   * @param cause passed to `onRejected` unchanged
   * @throws RangeError when there is no such event; UnsupportedOperationError once the handler has ended
   */
  reject(index: number, detail: string, cause?: unknown): void {
    this.name(index, { mayBeOver: false, detail, cause });
  }

  /**
   * Marks the event at `index` as failed, as if the handler had been called with it alone and had thrown `error`. An
   * acknowledged event is tried again (the handler is called with the failed events) and rejected in the end.
   * @throws as {@link reject}
   */
  fail(index: number, error: unknown): void {
    this.name(index, { mayBeOver: true, detail: '', cause: error });
  }

  /** For the transport: the handler has ended. @returns its verdicts on single events; undefined when it named none */
  end(): ReadonlyMap<number, EventVerdict> | undefined {
    this.isOver = true;
    return this.named;
  }

  private name(index: number, verdict: EventVerdict): void {
    if (this.isOver) {
      throw new UnsupportedOperationError('the handler has ended: it is too late for fail() and reject()');
    }
    if (!Number.isInteger(index) || index < 0 || index >= this.count) {
      throw new RangeError(`the batch has ${this.count} events: the index ${index} is out of range`);
    }
    this.named ??= new Map();
    if (!this.named.has(index)) {
      this.named.set(index, verdict);
    }
  }
}

/** The context of a request handler. */
export class ZmqRequestContext extends ZmqContext {
  private controller: AbortController | undefined;
  private cancelled = false;

  /** Aborted when nobody waits for the answer any more: the caller unsubscribed, timed out, or went away. */
  get signal(): AbortSignal {
    // Made on demand: most handlers never look.
    this.controller ??= new AbortController();
    if (this.cancelled) {
      this.controller.abort();
    }
    return this.controller.signal;
  }

  get isCancelled(): boolean {
    return this.cancelled;
  }

  /** For the transport. */
  cancel(): void {
    this.cancelled = true;
    this.controller?.abort();
  }
}
