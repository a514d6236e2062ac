export type { DeliveryLedger, DeliveryPosition } from './dispatch/delivery-ledger.js';
export { type Codec, type EncodedValue, JsonCodec } from './codec/codec.js';
export { BatchOutcome, type FailedEvent, InFlight } from './dispatch/in-flight.js';
export type {
  BatchSent,
  ClientDeliveryOptions,
  ClientDeliveryStats,
  EmitStage,
  OutboundOptions,
  OutboxOptions,
  OverflowPolicy,
  RetryOptions,
  ServerDeliveryOptions,
  ServerDeliveryStats,
} from './options.js';
export { HandlerRegistry } from './dispatch/handler-registry.js';
export {
  isUnreadable,
  isWithin,
  MessageReader,
  unreadable,
  type UnreadableMessage,
  wrongFrameCount,
} from './dispatch/message-reader.js';
export { isThenable } from './dispatch/handler-calls.js';
export {
  type BareEventDeserializer,
  type IncomingPacket,
  PacketDispatcher,
  type RequestSink,
} from './dispatch/packet-dispatcher.js';
export {
  type RefusedEvent,
  RefusedEventException,
  RefusedEventFilter,
  REJECTED_MESSAGE_REASONS,
  type RejectedMessage,
  type RejectedMessageReason,
} from './dispatch/rejection.js';
export { ZmqBatchContext, ZmqContext, ZmqRequestContext } from './dispatch/zmq-context.js';
export {
  ClientClosedError,
  type DeliveryFailure,
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
} from './errors.js';
export {
  type Answer,
  BatchEventPattern,
  type EventOf,
  type EventPatternOf,
  type HandlerDecorator,
  type RequestOf,
  type RequestPatternOf,
  type ResponseOf,
  type TypedSender,
  ZMQ_TRANSPORT,
  type ZmqContract,
  zmqHandlers,
  type ZmqHandlers,
} from './nest/typed.js';
export { packetOf, ZmqRecord, ZmqRecordBuilder, type ZmqRecordOptions } from './nest/zmq-record.js';
export {
  checkOwnFile,
  FilePlace,
  makeFolder,
  missingRight,
  opennessOf,
  openOwnFile,
} from './spool/own-file.js';
export { type DamagedBatch, LmdbSpool, type LmdbSpoolOptions } from './spool/lmdb-spool.js';
export { type LmdbPlace, probeLmdb } from './spool/lmdb-file.js';
export { epochSeconds } from './clock.js';
export { Acceptor, DROP_REASONS, type DropReason } from './outbox/acceptor.js';
export { Batch } from './outbox/batch.js';
export { Deque } from './outbox/deque.js';
export {
  type BatchLimits,
  type EventQueue,
  Outbox,
  type OutboxLimits,
  outboxLimits,
} from './outbox/outbox.js';
export { TurnScheduler } from './outbox/turn-scheduler.js';
export { Deferred, IdleWait } from './outbox/waiting.js';
export {
  type Appended,
  lastOf,
  MemorySpool,
  type Spool,
  type SpooledBatch,
  type SpoolStats,
  type UnnumberedBatch,
} from './spool/spool.js';
export { type Delivery, UnacknowledgedEvents } from './spool/unacknowledged.js';
export { timerMs, wholeNumber } from './whole-number.js';
export { printable, ThrottledLog } from './throttled-log.js';
export {
  asyncOptionsOf,
  type ConnectServerOptions,
  connectServers,
  type DrainingServer,
  TransportClientsModule,
  transportModule,
  type TransportModuleAsyncOptions,
  type TransportModuleOptions,
  TransportServerModule,
} from './nest/transport-module.js';
export { EventServer, type InboundOptions } from './nest/event-server.js';
