import { EventPattern } from '@nestjs/microservices';
import { BATCH_EXTRA } from '../dispatch/handler-registry.js';

/** Nest's transport id of ZeroMQ handlers: `@EventPattern('trade', ZMQ_TRANSPORT)` binds to this transport alone. */
export const ZMQ_TRANSPORT: unique symbol = Symbol('ZMQ_TRANSPORT');

/**
 * Subscribes to events like `@EventPattern`, but takes all neighbouring events of one message as one array: guards,
 * pipes, interceptors and filters run once a batch. An idle stream brings batches of one.
 *
 * A pipe that refuses the array refuses the whole batch; {@link EachEventPipe} judges the events one by one.
 */
export function BatchEventPattern(
  pattern: string | number | object,
  extras: Record<string, unknown> = {},
): MethodDecorator {
  return EventPattern<unknown>(pattern, ZMQ_TRANSPORT, { ...extras, [BATCH_EXTRA]: true });
}
