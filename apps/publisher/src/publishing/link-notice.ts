import type { DeliveryMode } from '@app/contracts';
import type { LinkState, SocketPair } from '@app/zmq-transport';

/** What decides about the words. */
export interface LinkSituation {
  readonly delivery: DeliveryMode;
  readonly pair: SocketPair;
  readonly state: LinkState;
  /** Why the sidecar refuses this publisher, where it does. */
  readonly refusal: string | undefined;
}

const WAITS =
  'The sidecar is not reachable, or set to another DELIVERY or ZMQ_PAIR. Events wait in a bounded queue; they are sent when it comes back, and may be dropped if it does not.';
const IS_DROPPED =
  'No sidecar is subscribed. A broadcast waits for nobody: events are dropped, and counted as dropped, until one subscribes.';
const IS_KEPT_IN_MEMORY =
  'The sidecar is not reachable, or set to another DELIVERY or ZMQ_PAIR. Events are kept in memory until it has counted them; what is left when the publisher stops is lost.';
const IS_KEPT_ON_DISK =
  'The sidecar is not reachable, or set to another DELIVERY or ZMQ_PAIR. Events are kept on disk until it has counted them, also when the publisher is restarted.';

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

/** Said wherever an event is taken while nobody is at the other end: what becomes of it. */
export function linkNotice({ delivery, pair, state, refusal }: LinkSituation): string {
  if (pair === 'pub-sub') return IS_DROPPED;
  if (state !== 'refused') return AWAY[delivery];
  const why = refusal ?? 'the logs of both say why';
  return `The sidecar refuses this publisher: ${why}. Events ${WHERE[delivery]} until it does not.`;
}
