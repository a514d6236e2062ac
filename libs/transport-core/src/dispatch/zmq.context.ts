import { BaseRpcContext, type PacketMetadata } from '@nestjs/microservices';

type ContextArgs = [pattern: string, receivedAtSeconds: number, metadata: PacketMetadata | undefined];

/** What a handler can learn about its event or request beside the payload: `@Ctx() context: ZmqContext`. */
export class ZmqContext extends BaseRpcContext<ContextArgs> {
  /** The pattern as it was sent (an object pattern as JSON). */
  getPattern(): string {
    return this.args[0];
  }

  /** When the server took the message from its socket: seconds since the Unix epoch, with microseconds. */
  get receivedAtSeconds(): number {
    return this.args[1];
  }

  /** What the sender's dispatch hook attached to the packet (a trace context, say); of a batch, to its first event. */
  getMetadata(): PacketMetadata | undefined {
    return this.args[2];
  }
}

/** The context of a batch handler. */
export class ZmqBatchContext extends ZmqContext {
  constructor(
    args: ContextArgs,
    private readonly metadata: readonly (PacketMetadata | undefined)[],
  ) {
    super(args);
  }

  /** The metadata of each event, in the order of the payload. */
  getBatchMetadata(): readonly (PacketMetadata | undefined)[] {
    return this.metadata;
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
