import type { DeliveryFailure } from '@app/transport-core';
import type { AckHeader, DeliverHeader } from '../../../src/wire/frames.js';
import type { ProducerGreeting, SessionGrant } from '../../../src/wire/greeting.js';

/** What is on its way to a server. */
export type ToServer =
  | { readonly kind: 'hello'; readonly greeting: ProducerGreeting }
  | { readonly kind: 'deliver'; readonly header: DeliverHeader; readonly bytes: number };

/** What is on its way to a client. */
export type ToClient =
  | { readonly kind: 'ready'; readonly grant: SessionGrant }
  | { readonly kind: 'ack'; readonly ack: AckHeader; readonly failures: readonly DeliveryFailure[] }
  | { readonly kind: 'resync'; readonly session: string }
  | { readonly kind: 'refused' };
