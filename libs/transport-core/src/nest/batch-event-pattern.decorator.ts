import { EventPattern } from '@nestjs/microservices';
import { BATCH_EXTRA } from '../dispatch/handler-registry.js';

/** Nest's transport id of ZeroMQ handlers: `@EventPattern('trade', ZMQ_TRANSPORT)` binds to this transport alone. */
export const ZMQ_TRANSPORT: unique symbol = Symbol('ZMQ_TRANSPORT');

/**
 * Subscribes to events like `@EventPattern`, but takes neighbouring events that came together as one array: guards, pipes,
 * interceptors and filters run once a batch. An idle stream brings batches of one. The array is the message's own and
 * must not be changed: an event is named by its place in it.
 *
 * A pipe that refuses the array refuses the whole batch. A handler names the events it does not take, and applies the
 * rest: `context.reject(index, detail)`, or `context.fail(index, error)` for what may be over (`@Ctx() context: ZmqBatchContext`).
 */
export function BatchEventPattern(
  pattern: string | number | object,
  extras: Record<string, unknown> = {},
): MethodDecorator {
  return EventPattern<unknown>(pattern, ZMQ_TRANSPORT, { ...extras, [BATCH_EXTRA]: true });
}
