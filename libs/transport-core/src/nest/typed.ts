import { EventPattern, MessagePattern } from '@nestjs/microservices';
import type { Observable } from 'rxjs';
import { BATCH_EXTRA } from '../dispatch/handler-registry.js';
import type { ZmqRecord } from './zmq-record.js';

/** Nest's transport id of ZeroMQ handlers: `@EventPattern('trade', ZMQ_TRANSPORT)` binds to this transport alone. */
export const ZMQ_TRANSPORT: unique symbol = Symbol('ZMQ_TRANSPORT');

/**
 * Subscribes to events like `@EventPattern`, but gets neighbouring events that arrived together as one array: guards, pipes,
 * interceptors and filters run once a batch. A quiet stream gives batches of one. Do not change the array: it is the message's
 * own, and an event is named by its place in it.
 *
 * A pipe that rejects the array rejects the whole batch. A handler names the events that it does not take, and applies the
 * rest: `context.reject(index, detail)`, or `context.fail(index, error)` when another try may succeed (`@Ctx() context:
 * ZmqBatchContext`).
 */
export function BatchEventPattern(
  pattern: string | number | object,
  extras: Record<string, unknown> = {},
): MethodDecorator {
  return EventPattern<unknown>(pattern, ZMQ_TRANSPORT, { ...extras, [BATCH_EXTRA]: true });
}

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
/** One value of the answer to a request. */
export type ResponseOf<C extends ZmqContract, P extends RequestPatternOf<C>> =
  Exchange<C, P> extends { response: infer R } ? R : never;

/** The methods of a client that sends only what its contract allows. */
export interface TypedSender<C extends ZmqContract> {
  emit<P extends EventPatternOf<C>>(pattern: P, data: EventOf<C, P>): Observable<void>;
  send<P extends RequestPatternOf<C>>(
    pattern: P,
    data: RequestOf<C, P> | ZmqRecord<RequestOf<C, P>>,
  ): Observable<ResponseOf<C, P>>;
}

/** Decorates a method whose first parameter takes a `TData` and which returns a `TResult`. */
export type HandlerDecorator<TData, TResult> = <
  // Nest fills a handler's other parameters, by their own decorators.
  M extends (data: TData, ...rest: never[]) => TResult,
>(
  target: object,
  key: string | symbol,
  descriptor: TypedPropertyDescriptor<M>,
) => void;

/** What a request handler may return: a value, a promise of it, or a stream of values. */
export type Answer<T> = T | Promise<T> | Observable<T> | Promise<Observable<T>>;

/** The decorators of a contract's handlers. */
export interface ZmqHandlers<C extends ZmqContract> {
  OnEvent<P extends EventPatternOf<C>>(pattern: P): HandlerDecorator<EventOf<C, P>, unknown>;
  OnBatch<P extends EventPatternOf<C>>(pattern: P): HandlerDecorator<EventOf<C, P>[], unknown>;
  OnRequest<P extends RequestPatternOf<C>>(
    pattern: P,
  ): HandlerDecorator<RequestOf<C, P>, Answer<ResponseOf<C, P>>>;
}

/**
 * Nest's handler decorators, checked against a contract: the pattern is in the contract, the method's first parameter takes the
 * payload, and the method returns the answer. `const { OnEvent, OnRequest } = zmqHandlers<Contract>();`
 */
export function zmqHandlers<C extends ZmqContract>(): ZmqHandlers<C> {
  return {
    OnEvent: (pattern) => EventPattern<string>(pattern, ZMQ_TRANSPORT),
    OnBatch: (pattern) => BatchEventPattern(pattern),
    OnRequest: (pattern) => MessagePattern<string>(pattern, ZMQ_TRANSPORT),
  };
}
