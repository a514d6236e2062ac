import type { Deserializer, Serializer } from '@nestjs/microservices';
import type {
  BatchSent,
  ClientDeliveryOptions,
  Codec,
  EmitStage,
  InboundOptions,
  OutboundOptions,
  ServerDeliveryOptions,
} from '@app/transport-core';
import type { SocketPair, ZmqEndpoints, ZmqSocketOptions } from './sockets/socket-settings.js';
import type { CurveClientOptions, CurveServerOptions } from './curve/keys.js';

/** Options of a {@link ZmqClient}. */
export interface ZmqClientOptions extends ZmqEndpoints, ZmqSocketOptions, OutboundOptions {
  /** The same as the server's. @default 'push-pull' */
  pair?: SocketPair;
  /** Encrypts, and proves each side to the other; the server must use it too. @default none: anyone on the way can read all */
  curve?: CurveClientOptions;
  /** Turns Nest's packet `{ pattern, data }` into the value to encode. May be async. @default the packet itself */
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
   * `ZmqRecordBuilder` sets it for a single request.
   * @default 30000
   */
  requestTimeoutMs?: number;
  /** DEALER/ROUTER, `connect` to one address: the server acknowledges events. @default none: at most once */
  delivery?: ClientDeliveryOptions;
  /**
   * When the observable of `emit` completes; `ZmqRecordBuilder` sets it for a single event.
   * @default 'accepted', for `durable` delivery 'stored'
   */
  emitResolves?: EmitStage;
  /** Called for each message that libzmq took. Runs on the hot path; must not throw. */
  onBatchSent?: (batch: BatchSent) => void;
}

/** Options of a {@link ZmqServer}. */
export interface ZmqServerOptions extends ZmqEndpoints, ZmqSocketOptions, InboundOptions {
  /** The same as the client's. @default 'push-pull' */
  pair?: SocketPair;
  /** DEALER/ROUTER: bounds and ledger of acknowledged events. @default none: each of its options has its own default */
  delivery?: ServerDeliveryOptions;
  /** Encrypts, and lets in only the allowed clients, which must use it too. @default none: lets everybody in */
  curve?: CurveServerOptions;
  /**
   * Turns Nest's reply `{ id, response, err, isDisposed }` into the value to encode. May be async.
   * @default the reply itself
   */
  serializer?: Serializer;
  /**
   * DEALER/ROUTER: most requests of one peer that run or whose answers wait to be read; further ones get an error.
   * @default 1024
   */
  maxPendingRequests?: number;
  /**
   * DEALER/ROUTER: most bytes of answers that wait for one peer. A request whose answer finds no room ends in an error
   * (`ERR_ZMQ_ANSWERS_OVERFLOW`) behind the answers that fitted; its stream is unsubscribed.
   * @default 67108864 (64 MiB)
   */
  maxPendingReplyBytes?: number;
  /**
   * Largest message that the socket receives, in bytes. libzmq ends the connection of a peer that announces a larger one,
   * before it takes any memory for it. −1 means no limit.
   * @default 16777216 (16 MiB)
   */
  maxMessageBytes?: number;
}
