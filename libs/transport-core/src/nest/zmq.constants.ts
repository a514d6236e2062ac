/** Nest's transport id of ZeroMQ handlers: `@EventPattern('trade', ZMQ_TRANSPORT)` binds to this transport alone. */
export const ZMQ_TRANSPORT: unique symbol = Symbol('ZMQ_TRANSPORT');
