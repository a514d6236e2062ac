import type { LoggerService } from '@nestjs/common';
import type { MessageHandler } from '@nestjs/microservices';
import type { Socket } from 'zeromq';
import {
  HandlerCalls,
  JsonCodec,
  RetryPolicy,
  wholeNumber,
  type HandlerRegistry,
  type HandlerWatch,
  type InFlight,
  MessageReader,
  PacketDispatcher,
  type RejectionLog,
  type ZmqContext,
} from '@app/transport-core';
import { InboundDelivery } from '../acknowledged/consumer/inbound-delivery.js';
import type { ZmqServerOptions } from '../zmq.options.js';
import { createIntake, type PairIntake } from './intake/intake.factory.js';
import { PayloadIntake } from './intake/payload.intake.js';

/** What the server counts itself. */
export interface ServerCounts {
  received: number;
  missed: number;
  failedRequests: number;
  droppedReplies: number;
}

/** What a server's parts tell it, and ask of it. */
export interface ServerHost {
  readonly logger: LoggerService;
  readonly handlers: HandlerRegistry;
  readonly inFlight: InFlight;
  readonly watch: HandlerWatch;
  readonly requestsInFlight: InFlight;
  readonly rejections: RejectionLog;
  readonly counts: ServerCounts;
  readonly invoke: (handler: MessageHandler, data: unknown, context: ZmqContext) => Promise<unknown>;
  readonly hasProcessingHooks: () => boolean;
}

/** What a server consists of beside its sockets: they outlive each of them. */
export interface ServerParts {
  readonly delivery: InboundDelivery;
  /** For each socket that is opened. */
  readonly createPairIntake: (socket: Socket) => PairIntake;
}

const DEFAULT_REPLY_BYTES = 64 * 1024 * 1024;

/** Makes the parts of a server and connects them. @throws InvalidOptionsError */
export function createServerParts(options: ZmqServerOptions, host: ServerHost): ServerParts {
  const { pair = 'push-pull', codec = new JsonCodec() } = options;
  const { counts, handlers, logger } = host;
  const maxFrameBytes = wholeNumber('maxFrameBytes', options.maxFrameBytes ?? 1024 * 1024, 1);
  const payload = createPayloadIntake(options, host, maxFrameBytes, () => delivery.countRetry());
  const delivery = new InboundDelivery({ payload, options: options.delivery ?? {}, logger });
  const settings = {
    delivery,
    handlers,
    inFlight: host.requestsInFlight,
    serializer: options.serializer ?? { serialize: (value: unknown) => value },
    codec,
    maxFrameBytes,
    maxPendingPerPeer: wholeNumber('maxPendingRequests', options.maxPendingRequests ?? 1024, 1),
    maxReplyBytesPerPeer: wholeNumber(
      'maxPendingReplyBytes',
      options.maxPendingReplyBytes ?? DEFAULT_REPLY_BYTES,
      1,
    ),
    invoke: host.invoke,
    onFailed: () => (counts.failedRequests += 1),
    onDropped: (replies: number) => (counts.droppedReplies += replies),
    onMissed: (events: number) => (counts.missed += events),
  };
  return { delivery, createPairIntake: (socket) => createIntake(pair, socket, payload, settings) };
}

function createPayloadIntake(
  options: ZmqServerOptions,
  host: ServerHost,
  maxFrameBytes: number,
  onRetry: () => void,
): PayloadIntake {
  const { counts, handlers, inFlight, invoke, rejections } = host;
  const reader = new MessageReader(options.codec ?? new JsonCodec(), {
    maxFrameBytes,
    maxBatchEvents: wholeNumber('maxBatchEvents', options.maxBatchEvents ?? 65_536, 1),
  });
  const calls = new HandlerCalls({
    watch: host.watch,
    inFlight,
    invoke,
    reject: (reason, detail, content, receivedAtSeconds, cause) =>
      rejections.add({ reason, detail, content, receivedAtSeconds, cause }),
    retry: new RetryPolicy(options.delivery?.retry),
    onRetry,
  });
  const dispatcher = new PacketDispatcher({
    deserializer: options.deserializer,
    inFlight,
    handlers,
    calls,
    hasProcessingHooks: host.hasProcessingHooks,
  });
  return new PayloadIntake({
    reader,
    dispatcher,
    onEvents: (count) => (counts.received += count),
    onUnreadable: (unreadable, receivedAtSeconds) => rejections.add({ ...unreadable, receivedAtSeconds }),
  });
}
