/**
 * @module nestjs-zmq-transport
 */
export type { ClientDrainReport, LinkState, ZmqClientStats } from './client/stats.js';
export { typedClient, type TypedZmqClient, ZmqClient, type ZmqClientEvents } from './client/zmq-client.js';
export type { CurveClientOptions, CurveKeyPair, CurveServerOptions } from './curve/keys.js';
export {
  type ClientKeys,
  KeyFilesWatch,
  type KeyFilesWatchOptions,
  readClientKeys,
  isServerKeyChanging,
  readServerKeys,
  type ServerKeys,
} from './curve/key-files.js';
export type { DenialReason } from './curve/handshake-watch.js';
export {
  AuthenticationFailedError,
  BindFailedError,
  KeyFilesError,
  NotOpenError,
  PeerUnreachableError,
  ProtocolRefusedError,
  RequestTimeoutError,
} from './errors.js';
export {
  connectZmqServer,
  type ConnectZmqServerOptions,
  ZmqModule,
  type ZmqModuleAsyncOptions,
  type ZmqModuleOptions,
} from './nest/zmq.module.js';
export type {
  ServerDrainReport,
  ServerState,
  ZmqServerEvents,
  ZmqServerStats,
} from './server/server-stats.js';
export { ZmqServer } from './server/zmq-server.js';
export { endpointsFault } from './sockets/endpoints.js';
export {
  SOCKET_PAIRS,
  type RawSocketOptions,
  type SocketPair,
  type ZmqEndpoints,
  type ZmqSocketOptions,
} from './sockets/socket-settings.js';
export { type ZmqClientOptions, type ZmqServerOptions } from './zmq-options.js';
export {
  type DropReason,
  DROP_REASONS,
  type Codec,
  type EncodedValue,
  JsonCodec,
  type BareEventDeserializer,
  BatchEventPattern,
  type Delivery,
  type ClientDeliveryOptions,
  type ClientDeliveryStats,
  type EmitStage,
  type OverflowPolicy,
  type ServerDeliveryOptions,
  type ServerDeliveryStats,
  type RefusedEvent,
  RefusedEventException,
  RefusedEventFilter,
  type RetryOptions,
  type DeliveryLedger,
  type DeliveryPosition,
  makeFolder,
  missingRight,
  opennessOf,
  type LmdbPlace,
  probeLmdb,
  checkOwnFile,
  FilePlace,
  openOwnFile,
  ClientClosedError,
  EventDroppedError,
  EventFailedError,
  EventTooLargeError,
  HandlerTimeoutError,
  InvalidOptionsError,
  OutboxFullError,
  SerializationError,
  SpoolFailedError,
  SpoolUnusableError,
  UnsupportedOperationError,
  ZmqTransportError,
  ZmqRecord,
  ZmqRecordBuilder,
  type ZmqRecordOptions,
  type RejectedMessage,
  type RejectedMessageReason,
  REJECTED_MESSAGE_REASONS,
  ZmqBatchContext,
  ZmqContext,
  ZmqRequestContext,
  type EventOf,
  type EventPatternOf,
  type RequestOf,
  type RequestPatternOf,
  type ResponseOf,
  type ZmqContract,
  zmqHandlers,
  type Answer,
  type HandlerDecorator,
  type ZmqHandlers,
  ZMQ_TRANSPORT,
  type BatchSent,
  type OutboxOptions,
} from '@app/transport-core';
