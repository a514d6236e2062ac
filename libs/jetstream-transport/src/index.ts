/**
 * @module nestjs-jetstream-transport
 */
export type { BrokerState } from './broker.js';
export { JetStreamClient, type JetStreamClientEvents } from './client/jetstream-client.js';
export type { JetStreamClientStats, JetStreamDelivery, JetStreamDrainReport } from './client/stats.js';
export { typedClient, type TypedJetStreamClient } from './client/typed-client.js';
export {
  connectJetStreamServer,
  type ConnectJetStreamServerOptions,
  JetStreamModule,
  type JetStreamModuleAsyncOptions,
  type JetStreamModuleOptions,
} from './jetstream.module.js';
export { BrokerUnfitError, BrokerUnreachableError, PartitionLostError, type UnfitOption } from './errors.js';
export { partitionsOf, serversFault } from './options.js';
export type {
  JetStreamClientOptions,
  JetStreamOptions,
  JetStreamServerOptions,
  JetStreamStage,
  PartitionState,
  RefillAnswer,
  Shard,
  SpoolOptions,
  StreamOptions,
} from './options.js';
export {
  JetStreamServer,
  type JetStreamServerDrainReport,
  type JetStreamServerEvents,
  type JetStreamServerState,
  type JetStreamServerStats,
} from './server/jetstream-server.js';
export type { PartitionStats } from './server/partition.js';
export {
  type BareEventDeserializer,
  BatchEventPattern,
  type BatchSent,
  ClientClosedError,
  type Codec,
  DROP_REASONS,
  type DropReason,
  type EncodedValue,
  EventDroppedError,
  EventFailedError,
  type EventOf,
  type EventPatternOf,
  EventTooLargeError,
  type HandlerDecorator,
  HandlerTimeoutError,
  InvalidOptionsError,
  JsonCodec,
  OutboxFullError,
  type OutboxOptions,
  type OverflowPolicy,
  type RefusedEvent,
  RefusedEventException,
  RefusedEventFilter,
  REJECTED_MESSAGE_REASONS,
  type RejectedMessage,
  type RejectedMessageReason,
  type RetryOptions,
  SerializationError,
  SpoolFailedError,
  SpoolUnusableError,
  UnsupportedOperationError,
  ZmqBatchContext,
  ZmqContext,
  type ZmqContract,
  type ZmqHandlers,
  zmqHandlers,
  ZmqRecord,
  ZmqRecordBuilder,
  ZmqTransportError,
} from '@app/transport-core';
