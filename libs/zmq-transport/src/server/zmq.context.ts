import { BaseRpcContext, type PacketMetadata } from '@nestjs/microservices';

/** What a handler can learn about its event beside the payload: `@Ctx() context: ZmqContext`. */
export class ZmqContext extends BaseRpcContext<
  [pattern: string, receivedAtSeconds: number, metadata: PacketMetadata | undefined]
> {
  /** The pattern as it was sent (an object pattern as JSON). */
  getPattern(): string {
    return this.args[0];
  }

  /** When the server took the event's message from its socket: seconds since the Unix epoch, with microseconds. */
  get receivedAtSeconds(): number {
    return this.args[1];
  }

  /** What the sender's dispatch hook attached to the packet (a trace context, say). */
  getMetadata(): PacketMetadata | undefined {
    return this.args[2];
  }
}
