import type { Codec } from '../../codec/codec.interface.js';
import type { OutboundDelivery } from '../../delivery/outbound-delivery.js';
import type { SocketSettings } from '../../socket/socket-settings.js';
import type { SocketPair } from '../../zmq.options.js';
import { DealerLane, type ReplyListener } from './dealer.lane.js';
import type { Lane, LaneListener } from './lane.js';
import { PublishLane } from './publish.lane.js';
import { PushLane } from './push.lane.js';

export interface LaneSettings {
  readonly socket: SocketSettings & { readonly sendHighWaterMark: number };
  /** Whether all its addresses are inproc ones, which have no monitor events. */
  readonly inprocOnly: boolean;
  /** Milliseconds between two questions to a peer that owes an answer; 0 for none. */
  readonly heartbeatIntervalMs: number;
  /** Peers that another lane, in whose place this one comes, has lost. */
  readonly lostPeers: number;
  /** Largest message that is taken from a peer, in bytes. */
  readonly maxMessageBytes: number;
}

/** One socket for each address, or one for all: a broadcast must be one socket, the others keep peers apart. */
export function hasLanePerAddress(pair: SocketPair): boolean {
  return pair !== 'pub-sub';
}

export function createLane(
  pair: SocketPair,
  settings: LaneSettings,
  codec: Codec,
  listener: LaneListener,
  replies: ReplyListener,
  delivery: OutboundDelivery | undefined,
): Lane {
  switch (pair) {
    case 'push-pull':
      return new PushLane(settings, codec, listener);
    case 'pub-sub':
      return new PublishLane(settings, codec, listener);
    case 'dealer-router':
      return new DealerLane(settings, codec, listener, replies, delivery);
  }
}
