import type { LinkReport } from './feed-items.js';

/** The publisher's settings that decide what happens to an event. */
type Settings = Pick<LinkReport, 'delivery' | 'pair' | 'stream'>;

const SOCKETS: Readonly<Record<string, string>> = {
  'push-pull': 'PUSH to PULL',
  'pub-sub': 'PUB to SUB',
  'dealer-router': 'DEALER to ROUTER',
};

/** Who is at the other end of the link. */
export function peerOf(link: Settings | undefined): 'sidecar' | 'broker' {
  return link?.stream === undefined ? 'sidecar' : 'broker';
}

/** Whether events are kept until the other end has acknowledged them. */
export function keepsEvents(link: Settings | undefined): boolean {
  return link?.delivery === 'acknowledged' || link?.delivery === 'durable';
}

/** Whether events are dropped while no sidecar is subscribed. */
export function isBroadcast(link: Settings | undefined): boolean {
  return link?.pair === 'pub-sub';
}

/** Way and delivery: `PUSH to PULL, at-most-once` or `stream TRADES, durable`; empty until the publisher has reported them. */
export function linkWords(link: Settings | undefined): string {
  if (link?.stream !== undefined) return [`stream ${link.stream}`, link.delivery].join(', ');
  // A publisher that does not report its pair: only one pair has acknowledgements.
  const pair = link?.pair ?? (keepsEvents(link) ? 'dealer-router' : undefined);
  const sockets = pair === undefined ? undefined : (SOCKETS[pair] ?? pair);
  return [sockets, link?.delivery].filter((word) => word !== undefined).join(', ');
}

/** Where events wait for the other end. */
export function waitingPlace(link: Settings | undefined): string {
  if (link?.delivery === 'durable') return 'in the spool on the publisher’s disk';
  return keepsEvents(link) ? 'in the publisher’s memory' : 'in the publisher’s outbox';
}
