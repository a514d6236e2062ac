import type { TypedSender, ZmqContract } from '@app/transport-core';
import type { ZmqClient } from '../client/zmq.client.js';

/** A `ZmqClient` that sends only what its contract says. */
export interface TypedZmqClient<C extends ZmqContract>
  extends Omit<ZmqClient, 'emit' | 'send'>, TypedSender<C> {}

/** The same client, seen through its contract; nothing happens at run time. */
export function typedClient<C extends ZmqContract>(client: ZmqClient): TypedZmqClient<C> {
  return client as TypedZmqClient<C>;
}
