import type { Codec } from '@app/transport-core';
import type { OutboundDelivery } from '../../acknowledged/producer/outbound-delivery.js';
import type { SocketPair } from '../../zmq.options.js';
import { DealerLane, type ReplyListener } from './dealer.lane.js';
import type { Lane, LaneListener, LaneSettings } from './lane.js';
import { PublishLane } from './publish.lane.js';
import { PushLane } from './push.lane.js';

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
