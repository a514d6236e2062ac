import type { DeliveryMode } from '@app/contracts';
import type { LinkState, SocketPair } from '@app/zmq-transport';

/** What the notice about a sidecar depends on. */
export interface LinkSituation {
  readonly delivery: DeliveryMode;
  readonly pair: SocketPair;
  readonly state: LinkState;
  /** Why the sidecar denies this publisher, if it does. */
  readonly refusal: string | undefined;
}

const UNREACHABLE = 'No sidecar answers: it is down, or has another DELIVERY or ZMQ_PAIR.';
const IS_DROPPED =
  'No sidecar is subscribed. With pub-sub events do not wait: they are dropped and counted until a sidecar subscribes.';

const WHERE: Readonly<Record<DeliveryMode, string>> = {
  'at-most-once': 'wait in the outbox',
  acknowledged: 'are kept in memory',
  durable: 'are kept on disk',
};
const AWAY: Readonly<Record<DeliveryMode, string>> = {
  'at-most-once': '; they are sent when a sidecar answers, and may be dropped if none does.',
  acknowledged: ' until a sidecar has counted them; a stop of the publisher loses the rest.',
  durable: ' until a sidecar has counted them, also over a restart of the publisher.',
};

/** Says what happens to events while no sidecar is connected, in plain words. */
export function linkNotice({ delivery, pair, state, refusal }: LinkSituation): string {
  if (pair === 'pub-sub') return IS_DROPPED;
  if (state !== 'refused') return `${UNREACHABLE} Events ${WHERE[delivery]}${AWAY[delivery]}`;
  const why = refusal ?? 'the logs of both apps say why';
  return `The sidecar denies this publisher the connection: ${why}. Events ${WHERE[delivery]} until it lets the publisher in.`;
}

/** The same for a NATS broker. `refusal`: why it does not serve this publisher; undefined when it is away. */
export function brokerNotice({ delivery, refusal }: Pick<LinkSituation, 'delivery' | 'refusal'>): string {
  const why =
    refusal === undefined
      ? 'The NATS broker does not answer'
      : `The NATS broker does not take events: ${refusal}`;
  const fate =
    delivery === 'durable'
      ? ', also over a restart of the publisher'
      : '; a stop of the publisher loses the rest';
  return `${why}. Events ${WHERE[delivery]} until it has stored them${fate}.`;
}
