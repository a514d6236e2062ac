import type { Deserializer, Serializer } from '@nestjs/microservices';
import type {
  BareEventDeserializer,
  BatchSent,
  ClientDeliveryOptions,
  Codec,
  EmitStage,
  OutboundOptions,
  RejectedMessage,
  ServerDeliveryOptions,
} from '@app/transport-core';
import type { SocketPair, ZmqEndpoints, ZmqSocketOptions } from './sockets/socket-settings.js';
import type { CurveClientOptions, CurveServerOptions } from './curve/keys.js';

/** Options of a {@link ZmqClient}. */
export interface ZmqClientOptions extends ZmqEndpoints, ZmqSocketOptions, OutboundOptions {
  /** The same as the server's. @default 'push-pull' */
  pair?: SocketPair;
  /** Encrypts, and proves each side to the other; the server has to use it too. @default none: everything is readable */
  curve?: CurveClientOptions;
  /** Turns Nest's packet `{ pattern, data }` into the value that is encoded. May be async. @default the packet itself */
  serializer?: Serializer;
  /** @default JSON */
  codec?: Codec;
  /**
   * How long `close()` waits for the outbox to empty, in milliseconds; what is left then is dropped and reported.
   * @default 5000
   */
  drainTimeoutMs?: number;
  /** Turns a decoded reply into Nest's `{ id, response, err, isDisposed }`. May be async. @default the reply itself */
  deserializer?: Deserializer;
  /**
   * DEALER/ROUTER: how long `connect()` waits for a server to answer, in milliseconds.
   * @default 5000
   */
  connectTimeoutMs?: number;
  /**
   * DEALER/ROUTER: how long a request waits for its final answer, in milliseconds; 0 waits for ever.
   * A single request has its own by `ZmqRecordBuilder`.
   * @default 30000
   */
  requestTimeoutMs?: number;
  /** DEALER/ROUTER, `connect` to one address: events are acknowledged by the server. @default none: at most once */
  delivery?: ClientDeliveryOptions;
  /**
   * When the observable of `emit` completes; a single event has its own by `ZmqRecordBuilder`.
   * @default 'accepted', for `durable` delivery 'stored'
   */
  emitResolves?: EmitStage;
  /** Told of each message that libzmq took. Runs on the hot path; must not throw. */
  onBatchSent?: (batch: BatchSent) => void;
}

/** Options of a {@link ZmqServer}. */
export interface ZmqServerOptions extends ZmqEndpoints, ZmqSocketOptions {
  /** The same as the client's. @default 'push-pull' */
  pair?: SocketPair;
  /** DEALER/ROUTER: events whose clients want them acknowledged. @default none is needed: each has its own */
  delivery?: ServerDeliveryOptions;
  /** Encrypts, and lets in only the clients that are named; they have to use it too. @default none: everybody is let in */
  curve?: CurveServerOptions;
  /** Turns Nest's reply `{ id, response, err, isDisposed }` into the value that is encoded. May be async. @default the reply itself */
  serializer?: Serializer;
  /**
   * DEALER/ROUTER: most requests of one peer that run or whose answers wait to be read; more are answered with an error.
   * @default 1024
   */
  maxPendingRequests?: number;
  /**
   * DEALER/ROUTER: most bytes of answers that wait for one peer. A request whose answer finds no room ends in an error
   * (`ERR_ZMQ_ANSWERS_OVERFLOW`) behind the answers that did; a stream is left then.
   * @default 67108864 (64 MiB)
   */
  maxPendingReplyBytes?: number;
  /**
   * Turns a decoded value into Nest's packet `{ pattern, data }`. May be async. One that is asked for the pattern alone
   * (`BareEventDeserializer`) costs nothing for an event. @default the value itself
   */
  deserializer?: Deserializer | BareEventDeserializer;
  /** @default JSON */
  codec?: Codec;
  /**
   * Largest frame that is looked at, in bytes; a larger one is rejected as `oversize`.
   * @default 1048576 (1 MiB)
   */
  maxFrameBytes?: number;
  /**
   * Largest message that is received at all, in bytes. libzmq drops the connection of a peer that announces more,
   * before any memory is taken for it. −1 means no limit.
   * @default 16777216 (16 MiB)
   */
  maxMessageBytes?: number;
  /**
   * Most events in one frame; a longer batch is rejected whole as `batch_size`.
   * @default 65536
   */
  maxBatchEvents?: number;
  /**
   * Most events whose handlers run at the same time. At the limit the server stops receiving, the socket fills, and
   * senders feel it: that is the flow control. Handlers start in the order of arrival. Requests do not count here:
   * `maxPendingRequests` bounds them, for each peer.
   * @default 1024
   */
  maxInFlight?: number;
  /**
   * How long the handler of an event may take, in milliseconds. One that has not ended then is logged with its pattern, its
   * event is rejected (`handler_failed`, a `HandlerTimeoutError`) and not tried again, its place is given to others, and a
   * stream that it returned is left. 0 waits for ever: handlers that never end then stop the server at `maxInFlight`.
   * @default 30000, as long as a request waits for its answer
   */
  handlerTimeoutMs?: number;
  /**
   * How long `drain()` and `close()` go on receiving and wait for running handlers, in milliseconds.
   * @default 5000
   */
  drainTimeoutMs?: number;
  /** Told of every message or event that reached no handler, or whose handler failed. Must not throw. */
  onRejected?: (rejected: RejectedMessage) => void;
}
