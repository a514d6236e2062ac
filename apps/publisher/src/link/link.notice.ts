import type { SocketPair } from '@app/zmq-transport';

const WAITS =
  'The sidecar is not reachable. Events wait in a bounded queue; they are sent when it comes back, and may be dropped if it does not.';
const IS_DROPPED =
  'No sidecar is subscribed. A broadcast waits for nobody: events are dropped, and counted as dropped, until one subscribes.';

/** Said wherever an event is acknowledged while nobody is at the other end: what becomes of it. */
export function linkNotice(pair: SocketPair): string {
  return pair === 'pub-sub' ? IS_DROPPED : WAITS;
}
