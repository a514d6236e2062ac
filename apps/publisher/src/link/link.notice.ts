import type { LinkState, SocketPair } from '@app/zmq-transport';

const WAITS =
  'The sidecar is not reachable. Events wait in a bounded queue; they are sent when it comes back, and may be dropped if it does not.';
const IS_DROPPED =
  'No sidecar is subscribed. A broadcast waits for nobody: events are dropped, and counted as dropped, until one subscribes.';

const IS_REFUSED =
  'The sidecar refuses this publisher over keys; the logs of both say why. Events wait in a bounded queue until the keys fit.';

/** Said wherever an event is acknowledged while nobody is at the other end: what becomes of it. */
export function linkNotice(pair: SocketPair, state: LinkState): string {
  if (state === 'refused' && pair !== 'pub-sub') return IS_REFUSED;
  return pair === 'pub-sub' ? IS_DROPPED : WAITS;
}
