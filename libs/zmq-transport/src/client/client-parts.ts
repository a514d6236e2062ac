import type { LoggerService } from '@nestjs/common';
import type { Serializer } from '@nestjs/microservices';
import { JsonCodec, Outbox, type OutboxLimits, outboxLimits, ThrottledLog } from '@app/transport-core';
import { createDelivery } from '../acknowledged/producer/delivery.factory.js';
import type { OutboundDelivery } from '../acknowledged/producer/outbound-delivery.js';
import { ClientSecurity } from '../curve/client-security.js';
import { resolveEndpoints } from '../sockets/endpoints.js';
import { heartbeatInterval, highWaterMark, socketSettings } from '../sockets/socket-settings.js';
import type { ZmqClientOptions } from '../zmq.options.js';
import type { LinkState } from './client-stats.js';
import { OutboundLink } from './outbound-link.js';
import { PacketAcceptor } from './packet-acceptor.js';
import { Pings } from './pings.js';
import { ReplyReader } from './reply-reader.js';
import { Requests } from './requests.js';

/** What a client's parts tell it, and ask of it. */
export interface ClientHost {
  readonly logger: LoggerService;
  /** Nest's normalization of a pattern: the topic of a PUB message. */
  readonly topicOf: (pattern: unknown) => string;
  readonly onStateChange: (state: LinkState) => void;
  readonly onRequestTimeout: (id: string) => void;
  readonly onQueued: () => void;
  readonly isClosed: () => boolean;
}

/** What a client consists of, from `emit` to the sockets and back. */
export interface ClientParts {
  readonly limits: OutboxLimits;
  readonly outbox: Outbox;
  readonly acceptor: PacketAcceptor;
  readonly link: OutboundLink;
  readonly requests: Requests;
  readonly pings: Pings;
  readonly security: ClientSecurity;
  readonly delivery: OutboundDelivery | undefined;
}

const identity: Serializer = { serialize: (value: unknown) => value };

/** Makes the parts of a client and connects them. @throws InvalidOptionsError */
export function createClientParts(options: ZmqClientOptions, host: ClientHost): ClientParts {
  const { pair = 'push-pull', codec = new JsonCodec() } = options;
  const { logger } = host;
  const socketLog = new ThrottledLog(logger);
  const limits = outboxLimits(options);
  const outbox = new Outbox(limits);
  const requests = new Requests(new ThrottledLog(logger), host.onRequestTimeout);
  const pings = new Pings();
  const security = new ClientSecurity(options.curve, resolveEndpoints(options), logger);
  const delivery = createDelivery(options, {
    codec,
    limits,
    logger,
    onDropped: (reason, events) => acceptor.countDrops(reason, events),
    onSent: (batch) => link.onBatchDelivered(batch),
    onProgress: () => link.onDeliveryProgress(),
  });
  const link = new OutboundLink(outbox, {
    pair,
    endpoints: resolveEndpoints(options),
    settings: {
      socket: { ...socketSettings(options), sendHighWaterMark: highWaterMark(options) },
      heartbeatIntervalMs: heartbeatInterval(options),
      maxMessageBytes: 16 * limits.maxFrameBytes,
    },
    codec,
    security,
    replies: new ReplyReader(codec, options.deserializer, requests, pings, logger),
    onStateChange: host.onStateChange,
    onBroken: (error) => socketLog.error('a socket failed; its packets wait for another', error),
    onUnwanted: (packets) => acceptor.countDrops('no_subscriber', packets),
    onBatchSent: options.onBatchSent,
    delivery,
    logger,
  });
  const acceptor = new PacketAcceptor({
    serializer: options.serializer ?? identity,
    codec,
    outbox,
    limits,
    log: new ThrottledLog(logger),
    topicOf: ({ pattern }) => (pair === 'pub-sub' ? host.topicOf(pattern) : ''),
    keepsTimes: options.onBatchSent !== undefined,
    delivery,
    isClosed: host.isClosed,
    onQueued: host.onQueued,
  });
  return { limits, outbox, acceptor, link, requests, pings, security, delivery };
}
