import type { LoggerService } from '@nestjs/common';
import {
  type DropReason,
  type OutboxLimits,
  type Codec,
  InvalidOptionsError,
  timerMs,
  wholeNumber,
  type ClientDeliveryOptions,
  type EmitStage,
  type OverflowPolicy,
  LmdbSpool,
  MemorySpool,
  type Spool,
  type SpooledBatch,
} from '@app/transport-core';
import { resolveEndpoints } from '../../sockets/endpoints.js';
import type { ZmqClientOptions } from '../../zmq.options.js';
import { OutboundDelivery } from './outbound-delivery.js';

const GIB = 1024 ** 3;
const OVERFLOW_POLICIES: readonly OverflowPolicy[] = ['block', 'reject', 'drop-oldest'];
const MAX_NAME_LENGTH = 128;

/** What a client gives to its acknowledged delivery. */
export interface DeliveryHost {
  readonly codec: Codec;
  readonly limits: OutboxLimits;
  readonly logger: LoggerService;
  readonly onDropped: (reason: DropReason, events: number) => void;
  readonly onSent: (batch: SpooledBatch) => void;
  readonly onProgress: () => void;
}

/** @returns undefined for a client whose events nobody acknowledges. @throws InvalidOptionsError */
export function createDelivery(options: ZmqClientOptions, host: DeliveryHost): OutboundDelivery | undefined {
  const { delivery } = options;
  if (delivery === undefined) {
    return undefined;
  }
  checkTopology(options);
  const isDurable = delivery.mode === 'durable';
  const { maxEvents, maxBytes } = host.limits;
  return new OutboundDelivery({
    spool: createSpool(delivery, host),
    isDurable,
    producerId: producerId(delivery),
    maxEvents: isDurable ? Number.POSITIVE_INFINITY : maxEvents,
    maxBytes: wholeNumber(
      'delivery.maxSpoolBytes',
      delivery.maxSpoolBytes ?? (isDurable ? GIB : maxBytes),
      1,
    ),
    batchLimits: host.limits,
    overflow: overflowPolicy(delivery),
    ackTimeoutMs: timerMs('delivery.ackTimeoutMs', delivery.ackTimeoutMs ?? 10_000, 1),
    ...host,
  });
}

/** When `emit` completes unless a record says otherwise. @throws InvalidOptionsError */
export function emitStage({ delivery, emitResolves }: ZmqClientOptions): EmitStage {
  const stage = emitResolves ?? (delivery?.mode === 'durable' ? 'stored' : 'accepted');
  checkStage(stage, delivery);
  return stage;
}

/** @throws InvalidOptionsError when events of such a client never reach that stage. */
export function checkStage(stage: EmitStage, delivery: ClientDeliveryOptions | undefined): void {
  if (stage === 'applied' && delivery === undefined) {
    throw new InvalidOptionsError('`applied` needs acknowledged delivery: set `delivery`');
  }
  if (stage === 'stored' && delivery?.mode !== 'durable') {
    throw new InvalidOptionsError('`stored` needs durable delivery: set `delivery.mode` to "durable"');
  }
}

/** Its numbers are one sequence for one server: two servers behind one socket would each see half of it. */
function checkTopology(options: ZmqClientOptions): void {
  const { role, addresses } = resolveEndpoints(options);
  if (options.pair !== 'dealer-router') {
    throw new InvalidOptionsError('`delivery` needs the pair "dealer-router"');
  }
  if (role !== 'connect' || addresses.length !== 1) {
    throw new InvalidOptionsError('`delivery` needs `connect` with exactly one address');
  }
}

function createSpool({ mode, directory }: ClientDeliveryOptions, { logger, onDropped }: DeliveryHost): Spool {
  if (mode === 'acknowledged') {
    return new MemorySpool();
  }
  if (mode !== 'durable') {
    throw new InvalidOptionsError(
      `\`delivery.mode\` must be "acknowledged" or "durable", not ${String(mode)}`,
    );
  }
  if (directory === undefined || directory === '') {
    throw new InvalidOptionsError(
      '`delivery.directory` is missing: durable delivery needs a folder for its spool',
    );
  }
  return new LmdbSpool({
    directory,
    onWarning: ({ message }) => logger.warn(message),
    onDamaged: ({ first }) => {
      logger.error(`the spool in ${directory} is damaged: the batch that begins with event ${first} is lost`);
      // How many events it had is lost too.
      onDropped('spool_damaged', 1);
    },
  });
}

function producerId({ producerId: id }: ClientDeliveryOptions): string | undefined {
  if (id !== undefined && (id.length === 0 || id.length > MAX_NAME_LENGTH)) {
    throw new InvalidOptionsError(`\`delivery.producerId\` must have 1 to ${MAX_NAME_LENGTH} characters`);
  }
  return id;
}

function overflowPolicy({ overflow = 'reject' }: ClientDeliveryOptions): OverflowPolicy {
  if (!OVERFLOW_POLICIES.includes(overflow)) {
    throw new InvalidOptionsError(`\`delivery.overflow\` must be one of ${OVERFLOW_POLICIES.join(', ')}`);
  }
  return overflow;
}
