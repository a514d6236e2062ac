export { type Codec, type EncodedValue, JsonCodec } from './codec/codec.js';
export { BatchOutcome, type FailedEvent } from './dispatch/batch-outcome.js';
export type { DeliveryLedger, DeliveryPosition } from './dispatch/delivery-ledger.interface.js';
export { BATCH_EXTRA, HandlerRegistry, patternFault } from './dispatch/handler-registry.js';
export { InFlight } from './dispatch/in-flight.js';
export {
  isUnreadable,
  MessageReader,
  unreadable,
  type UnreadableMessage,
  wrongFrameCount,
} from './dispatch/message-reader.js';
export { HandlerCalls } from './dispatch/handler-calls.js';
export type { BareEventDeserializer, IncomingPacket, RequestSink } from './dispatch/incoming-packet.js';
export { PacketDispatcher } from './dispatch/packet-dispatcher.js';
export {
  type RefusedEvent,
  RefusedEventException,
  RefusedEventFilter,
} from './dispatch/refused-event.exception.js';
export {
  REJECTED_MESSAGE_REASONS,
  type RejectedMessage,
  type RejectedMessageReason,
} from './dispatch/rejected-message.js';
export { RejectionLog } from './dispatch/rejection-log.js';
export { type RetryOptions, RetryPolicy } from './dispatch/retry-policy.js';
export { isWithin } from './dispatch/within.js';
export { ZmqBatchContext, ZmqContext, ZmqRequestContext } from './dispatch/zmq.context.js';
export {
  ClientClosedError,
  type DeliveryFailure,
  EventDroppedError,
  EventFailedError,
  EventTooLargeError,
  InvalidOptionsError,
  OutboxFullError,
  SerializationError,
  SpoolFailedError,
  SpoolUnusableError,
  UnsupportedOperationError,
  ZmqTransportError,
} from './errors.js';
export { BatchEventPattern, ZMQ_TRANSPORT } from './nest/batch-event-pattern.decorator.js';
export {
  type Answer,
  type EventOf,
  type EventPatternOf,
  type HandlerDecorator,
  type RequestOf,
  type RequestPatternOf,
  type ResponseOf,
  type TypedSender,
  type ZmqContract,
  zmqHandlers,
  type ZmqHandlers,
} from './nest/typed.js';
export { ZmqRecord, ZmqRecordBuilder, type ZmqRecordOptions } from './nest/zmq.record.js';
export { makeFolder, missingRight, opennessOf } from './spool/folder.maker.js';
export { type DamagedBatch, LmdbSpool, type LmdbSpoolOptions } from './spool/lmdb-spool.js';
export { type LmdbPlace, probeLmdb } from './spool/lmdb.probe.js';
export { epochSeconds } from './clock.js';
export type {
  BatchSent,
  ClientDeliveryOptions,
  ClientDeliveryStats,
  EmitStage,
  OutboundOptions,
  OutboxOptions,
  OverflowPolicy,
  ServerDeliveryOptions,
  ServerDeliveryStats,
} from './options.js';
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
export { checkOwnFile, FilePlace, openOwnFile } from './spool/own.file.js';
export { timerMs, wholeNumber } from './whole-number.js';
export { printable, ThrottledLog } from './throttled-log.js';
