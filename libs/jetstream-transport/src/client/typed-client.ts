import type { TypedSender, ZmqContract } from '@app/transport-core';
import type { JetStreamClient } from './jetstream-client.js';

/** A `JetStreamClient` that emits only what its contract says. */
export interface TypedJetStreamClient<C extends ZmqContract>
  extends Omit<JetStreamClient, 'emit' | 'send'>, Pick<TypedSender<C>, 'emit'> {}

/** Gives the same client the types of its contract; it does nothing at run time. */
export function typedClient<C extends ZmqContract>(client: JetStreamClient): TypedJetStreamClient<C> {
  return client;
}
