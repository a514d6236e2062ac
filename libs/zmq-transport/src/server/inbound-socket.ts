import { Pull, type Readable, Router, type Socket, Subscriber } from 'zeromq';
import type { SocketSettings } from '../sockets/socket-settings.js';
import type { SocketPair } from '../sockets/socket-settings.js';

export interface InboundSocketSettings extends SocketSettings {
  readonly receiveHighWaterMark: number;
  /** libzmq drops the connection of a peer that announces more, in bytes; −1 means no limit. */
  readonly maxMessageSize: number;
}

/** The socket that a server receives with. */
export function createInboundSocket(pair: SocketPair, settings: InboundSocketSettings): Socket & Readable {
  switch (pair) {
    case 'push-pull':
      return new Pull(settings);
    case 'pub-sub':
      return new Subscriber(settings);
    case 'dealer-router':
      // mandatory: an answer for a peer that is gone is an error, where it would vanish.
      return new Router({ ...settings, sendHighWaterMark: settings.receiveHighWaterMark, mandatory: true });
  }
}

/** Subscribes to what handlers are there for; a pattern that ends in `*` is a prefix. */
export function subscribeTo(socket: Socket, patterns: readonly string[]): void {
  if (socket instanceof Subscriber) {
    socket.subscribe(...patterns.map((pattern) => (pattern.endsWith('*') ? pattern.slice(0, -1) : pattern)));
  }
}
