import type { Observable } from 'rxjs';
import type { ZmqClient } from '../client/zmq.client.js';
import type { ZmqRecord } from '../record/zmq.record.js';
import type {
  EventOf,
  EventPatternOf,
  RequestOf,
  RequestPatternOf,
  ResponseOf,
  ZmqContract,
} from './contract.map.js';

/** A `ZmqClient` that sends only what its contract says. */
export interface TypedZmqClient<C extends ZmqContract> extends Omit<ZmqClient, 'emit' | 'send'> {
  emit<P extends EventPatternOf<C>>(pattern: P, data: EventOf<C, P>): Observable<void>;
  send<P extends RequestPatternOf<C>>(
    pattern: P,
    data: RequestOf<C, P> | ZmqRecord<RequestOf<C, P>>,
  ): Observable<ResponseOf<C, P>>;
}

/** The same client, seen through its contract; nothing happens at run time. */
export function typedClient<C extends ZmqContract>(client: ZmqClient): TypedZmqClient<C> {
  return client as TypedZmqClient<C>;
}
