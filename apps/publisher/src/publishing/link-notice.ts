import type { DeliveryMode } from '@app/contracts';
import type { LinkState, SocketPair } from '@app/zmq-transport';

/** What the notice depends on. */
export interface LinkSituation {
  readonly delivery: DeliveryMode;
  readonly pair: SocketPair;
  readonly state: LinkState;
  /** Why the sidecar denies this publisher, if it does. */
  readonly refusal: string | undefined;
}

const WAITS =
  'The sidecar cannot be reached, or has another DELIVERY or ZMQ_PAIR. Events wait in a bounded queue; they are sent when it comes back, and may be dropped if it does not.';
const IS_DROPPED =
  'No sidecar is subscribed. Nothing waits with pub-sub: events are dropped, and counted as dropped, until a sidecar subscribes.';
const IS_KEPT_IN_MEMORY =
  'The sidecar cannot be reached, or has another DELIVERY or ZMQ_PAIR. Events are kept in memory until it has counted them; those that are left when the publisher stops are lost.';
const IS_KEPT_ON_DISK =
  'The sidecar cannot be reached, or has another DELIVERY or ZMQ_PAIR. Events are kept on disk until it has counted them, also over a restart of the publisher.';

const WHERE: Readonly<Record<DeliveryMode, string>> = {
  'at-most-once': 'wait in a bounded queue',
  acknowledged: 'are kept in memory',
  durable: 'are kept on disk',
};
const AWAY: Readonly<Record<DeliveryMode, string>> = {
  'at-most-once': WAITS,
  acknowledged: IS_KEPT_IN_MEMORY,
  durable: IS_KEPT_ON_DISK,
};

/** Says what happens to events while no sidecar is connected, in plain words. */
export function linkNotice({ delivery, pair, state, refusal }: LinkSituation): string {
  if (pair === 'pub-sub') return IS_DROPPED;
  if (state !== 'refused') return AWAY[delivery];
  const why = refusal ?? 'the logs of both apps say why';
  return `The sidecar denies this publisher the connection: ${why}. Events ${WHERE[delivery]} until it lets the publisher in.`;
}
