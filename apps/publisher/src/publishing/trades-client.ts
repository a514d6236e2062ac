import type { ZmqClientOptions } from '@app/zmq-transport';
import type { PublisherConfig } from '../config/publisher.config.js';

/** What the client is made with so that its events are acknowledged; nothing with DELIVERY=at-most-once. */
export function deliveryOptions(config: PublisherConfig): Pick<ZmqClientOptions, 'delivery'> {
  const { DELIVERY: mode, SPOOL_OVERFLOW: overflow, PRODUCER_ID: producerId } = config;
  if (mode === 'at-most-once') return {};
  const common = { overflow, ...(producerId !== undefined && { producerId }) };
  return {
    delivery:
      mode === 'durable'
        ? { mode, directory: config.SPOOL_DIR, maxSpoolBytes: config.SPOOL_MAX_BYTES, ...common }
        : // In memory the bounds are those of the outbox.
          { mode, ...common },
  };
}
