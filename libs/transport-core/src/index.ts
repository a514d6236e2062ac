export type { Codec, EncodedValue } from './codec/codec.interface.js';
export { JsonCodec } from './codec/json.codec.js';
export type {
  ClientDeliveryOptions,
  ClientDeliveryStats,
  EmitStage,
  OverflowPolicy,
  ServerDeliveryOptions,
  ServerDeliveryStats,
} from './delivery.options.js';
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
export { BatchEventPattern } from './nest/batch-event-pattern.decorator.js';
export type {
  EventOf,
  EventPatternOf,
  RequestOf,
  RequestPatternOf,
  ResponseOf,
  TypedSender,
  ZmqContract,
} from './nest/contract.map.js';
export { type Answer, type HandlerDecorator, zmqHandlers, type ZmqHandlers } from './nest/typed.handlers.js';
export { ZMQ_TRANSPORT } from './nest/zmq.constants.js';
export { ZmqRecord, ZmqRecordBuilder, type ZmqRecordOptions } from './nest/zmq.record.js';
export { epochSeconds } from './outbox/clock.js';
export { Deferred } from './outbox/deferred.js';
export { DROP_REASONS, type DropReason } from './outbox/drops.js';
export {
  type BatchSent,
  type OutboundOptions,
  outboxLimits,
  type OutboxOptions,
} from './outbox/outbox-limits.js';
export { type Batch, Outbox, type OutboxLimits, untilSent } from './outbox/outbox.js';
export { TurnScheduler } from './outbox/turn-scheduler.js';
export { Admission, type AdmissionOptions } from './spool/admission.js';
export { DeliveryStage, type StageLimits } from './spool/delivery-stage.js';
export type { Delivery } from './spool/delivery.interface.js';
export { makeFolder, opennessOf } from './spool/folder.maker.js';
export type { DamagedBatch, LmdbSpoolOptions } from './spool/lmdb-spool.options.js';
export { type LmdbPlace, probeLmdb } from './spool/lmdb.probe.js';
export { LmdbSpool } from './spool/lmdb.spool.js';
export { MemorySpool } from './spool/memory.spool.js';
export { checkOwnFile, FilePlace, openOwnFile } from './spool/own.file.js';
export { SpoolWriter, type SpoolWriterOptions } from './spool/spool-writer.js';
export type { Appended, Spool, SpooledBatch, SpoolStats, UnnumberedBatch } from './spool/spool.interface.js';
export { StagedBatch } from './spool/staged-batch.js';
export { WatchedBatches } from './spool/watched-batches.js';
export { timerMs, wholeNumber } from './whole-number.js';
export { printable, ThrottledLog } from './throttled-log.js';
