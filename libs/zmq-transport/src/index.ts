export type { ClientDrainReport, DropReason, LinkState, ZmqClientStats } from './client/client-stats.js';
export { DROP_REASONS } from './client/client-stats.js';
export { ZmqClient, type ZmqClientEvents } from './client/zmq.client.js';
export type { Codec, EncodedValue } from './codec/codec.interface.js';
export { JsonCodec } from './codec/json.codec.js';
export { BatchEventPattern } from './decorators/batch-event-pattern.decorator.js';
export type { CurveClientOptions, CurveKeyPair, CurveServerOptions } from './curve/curve.options.js';
export { KeyFilesWatch, type KeyFilesWatchOptions } from './curve/files/key-files.watch.js';
export {
  readClientKeys,
  readServerKeys,
  type ClientKeys,
  type ServerKeys,
} from './curve/files/key.folder.js';
export type { RefusalReason } from './curve/refusal.js';
export type { Delivery } from './delivery/delivery.interface.js';
export type {
  ClientDeliveryOptions,
  ClientDeliveryStats,
  EmitStage,
  OverflowPolicy,
  ServerDeliveryOptions,
  ServerDeliveryStats,
} from './delivery/delivery.options.js';
export {
  type RefusedEvent,
  RefusedEventException,
  RefusedEventFilter,
} from './delivery/refused-event.exception.js';
export type { RetryOptions } from './delivery/retry-policy.js';
export type { DeliveryLedger, DeliveryPosition } from './delivery/delivery-ledger.interface.js';
export { makeFolder } from './delivery/spool/folder.maker.js';
export type { DamagedBatch, LmdbSpoolOptions } from './delivery/spool/lmdb-spool.options.js';
export { LmdbSpool } from './delivery/spool/lmdb.spool.js';
export { MemorySpool } from './delivery/spool/memory.spool.js';
export type {
  Appended,
  Spool,
  SpooledBatch,
  SpoolStats,
  UnnumberedBatch,
} from './delivery/spool/spool.interface.js';
export { AuthenticationFailedError } from './errors/authentication-failed.error.js';
export { BindFailedError } from './errors/bind-failed.error.js';
export { ClientClosedError } from './errors/client-closed.error.js';
export { EventDroppedError } from './errors/event-dropped.error.js';
export { EventFailedError } from './errors/event-failed.error.js';
export { EventTooLargeError } from './errors/event-too-large.error.js';
export { InvalidOptionsError } from './errors/invalid-options.error.js';
export { KeyFilesError } from './errors/key-files.error.js';
export { NotOpenError } from './errors/not-open.error.js';
export { OutboxFullError } from './errors/outbox-full.error.js';
export { PeerUnreachableError } from './errors/peer-unreachable.error.js';
export { ProtocolRefusedError } from './errors/protocol-refused.error.js';
export { RequestTimeoutError } from './errors/request-timeout.error.js';
export { SerializationError } from './errors/serialization.error.js';
export { SpoolFailedError } from './errors/spool-failed.error.js';
export { SpoolUnusableError } from './errors/spool-unusable.error.js';
export { UnsupportedOperationError } from './errors/unsupported-operation.error.js';
export { ZmqTransportError } from './errors/zmq-transport.error.js';
export { connectZmqServer, type ConnectZmqServerOptions } from './module/zmq-server.connector.js';
export { ZmqModule } from './module/zmq.module.js';
export type {
  NamedZmqClientFactory,
  NamedZmqClientOptions,
  ZmqModuleAsyncOptions,
  ZmqModuleOptions,
  ZmqOptionsFactory,
} from './module/zmq.module-options.js';
export { ZmqRecord, ZmqRecordBuilder, type ZmqRecordOptions } from './record/zmq.record.js';
export type { BareEventDeserializer } from './server/incoming-packet.js';
export type { RejectedMessage, RejectedMessageReason } from './server/rejected-message.js';
export { REJECTED_MESSAGE_REASONS } from './server/rejected-message.js';
export type {
  ServerDrainReport,
  ServerState,
  ZmqServerEvents,
  ZmqServerStats,
} from './server/server-stats.js';
export { ZmqBatchContext, ZmqContext, ZmqRequestContext } from './server/zmq.context.js';
export { ZmqServer } from './server/zmq.server.js';
export type {
  EventOf,
  EventPatternOf,
  RequestOf,
  RequestPatternOf,
  ResponseOf,
  ZmqContract,
} from './typed/contract.map.js';
export { typedClient, type TypedZmqClient } from './typed/typed.client.js';
export { zmqHandlers, type Answer, type HandlerDecorator, type ZmqHandlers } from './typed/typed.handlers.js';
export { ZMQ_TRANSPORT } from './zmq.constants.js';
export { SOCKET_PAIRS } from './zmq.options.js';
export type {
  BatchSent,
  OutboxOptions,
  SocketPair,
  ZmqClientOptions,
  ZmqEndpoints,
  ZmqServerOptions,
  ZmqSocketOptions,
} from './zmq.options.js';
