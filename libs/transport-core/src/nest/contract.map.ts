import type { Observable } from 'rxjs';
import type { ZmqRecord } from './zmq.record.js';

/** What a contract map looks like: payloads by the pattern of their event, requests with their answers by theirs. */
export interface ZmqContract {
  events?: object;
  requests?: object;
}

/** Patterns of the events of a contract. */
export type EventPatternOf<C extends ZmqContract> = keyof C['events'] & string;
/** Payload of an event. */
export type EventOf<C extends ZmqContract, P extends EventPatternOf<C>> = NonNullable<C['events']>[P &
  keyof NonNullable<C['events']>];

/** Patterns of the requests of a contract. */
export type RequestPatternOf<C extends ZmqContract> = keyof C['requests'] & string;
type Exchange<C extends ZmqContract, P extends RequestPatternOf<C>> = NonNullable<C['requests']>[P &
  keyof NonNullable<C['requests']>];
/** Payload of a request. */
export type RequestOf<C extends ZmqContract, P extends RequestPatternOf<C>> =
  Exchange<C, P> extends { request: infer R } ? R : never;
/** Answer to a request, one value of it. */
export type ResponseOf<C extends ZmqContract, P extends RequestPatternOf<C>> =
  Exchange<C, P> extends { response: infer R } ? R : never;

/** What a client offers that sends only what its contract says. */
export interface TypedSender<C extends ZmqContract> {
  emit<P extends EventPatternOf<C>>(pattern: P, data: EventOf<C, P>): Observable<void>;
  send<P extends RequestPatternOf<C>>(
    pattern: P,
    data: RequestOf<C, P> | ZmqRecord<RequestOf<C, P>>,
  ): Observable<ResponseOf<C, P>>;
}
