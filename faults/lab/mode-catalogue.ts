import { join } from 'node:path';
import type { AppSettings, StackSettings } from '../../testing/stack.js';

/** One delivery mode, as an operator would set it. */
export interface DeliveryMode {
  readonly name: string;
  /** Whether the sidecar's counters survive a restart. */
  readonly keepsState: boolean;
  /** @param folder an empty one, for whatever the mode keeps on disk */
  readonly settings: (folder: string) => StackSettings;
}

/** Sockets without acknowledgement: both apps are set alike. */
function pair(name: string, both: AppSettings): DeliveryMode {
  return { name, keepsState: false, settings: () => ({ publisher: both, sidecar: both }) };
}

function acknowledged(name: string, delivery: 'acknowledged' | 'durable', keepsState: boolean): DeliveryMode {
  const both = { ZMQ_PAIR: 'dealer-router', DELIVERY: delivery };
  return {
    name,
    keepsState,
    settings: (folder) => ({
      publisher: { ...both, ...(delivery === 'durable' ? { SPOOL_DIR: join(folder, 'spool') } : {}) },
      sidecar: { ...both, ...(keepsState ? { SIDECAR_STATE_DIR: join(folder, 'state') } : {}) },
    }),
  };
}

/** What the lab compares, in the order of the table. */
export const DELIVERY_MODES: readonly DeliveryMode[] = [
  pair('push-pull', { ZMQ_PAIR: 'push-pull' }),
  pair('pub-sub', { ZMQ_PAIR: 'pub-sub' }),
  pair('dealer-router', { ZMQ_PAIR: 'dealer-router' }),
  acknowledged('acknowledged', 'acknowledged', false),
  acknowledged('durable', 'durable', false),
  acknowledged('durable+state', 'durable', true),
];
