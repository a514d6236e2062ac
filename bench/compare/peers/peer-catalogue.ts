import { barePeer } from './bare-peer.js';
import { bareRequestPeer } from './bare-request-peer.js';
import { contractPeers } from './contract-peers.js';
import { brokerPeers } from './broker-peers.js';
import { jetStreamPeer } from './jetstream-peer.js';
import type { Peer } from './peer-interface.js';
import { tcpPeer } from './tcp-peer.js';
import { zmqPeers } from './zmq-peers.js';

/** The peers that run in Node, by name. */
export const nodePeers: Readonly<Record<string, Peer>> = {
  ...zmqPeers,
  ...brokerPeers,
  ...contractPeers,
  'jetstream-batch': jetStreamPeer,
  tcp: tcpPeer(false),
  'tcp-nodelay': tcpPeer(true),
  bare: barePeer,
  'bare-request': bareRequestPeer,
};

/** @throws Error for an unknown name */
export function nodePeer(name: string): Peer {
  const peer = nodePeers[name];
  if (peer === undefined) throw new Error(`no peer is called "${name}"`);
  return peer;
}
