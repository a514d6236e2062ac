import { EventPattern, MessagePattern } from '@nestjs/microservices';
import type { Observable } from 'rxjs';
import { BatchEventPattern } from './batch-event-pattern.decorator.js';
import type {
  EventOf,
  EventPatternOf,
  RequestOf,
  RequestPatternOf,
  ResponseOf,
  ZmqContract,
} from './contract.map.js';
import { ZMQ_TRANSPORT } from './zmq.constants.js';

/** Decorates a method whose first parameter takes a `TData` and which returns a `TResult`. */
export type HandlerDecorator<TData, TResult> = <
  // A handler's further parameters are Nest's to fill, by their own decorators.
  M extends (data: TData, ...rest: never[]) => TResult,
>(
  target: object,
  key: string | symbol,
  descriptor: TypedPropertyDescriptor<M>,
) => void;

/** What an answering handler may return: a value, a promise of it, or a stream of several. */
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
 * Nest's handler decorators, checked against a contract: the pattern is one of it, the method's first parameter takes
 * the payload, and what it returns is the answer. `const { OnEvent, OnRequest } = zmqHandlers<Contract>();`
 */
export function zmqHandlers<C extends ZmqContract>(): ZmqHandlers<C> {
  return {
    OnEvent: (pattern) => EventPattern<string>(pattern, ZMQ_TRANSPORT),
    OnBatch: (pattern) => BatchEventPattern(pattern),
    OnRequest: (pattern) => MessagePattern<string>(pattern, ZMQ_TRANSPORT),
  };
}
