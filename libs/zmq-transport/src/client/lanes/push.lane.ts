import { type MessageLike, Push } from 'zeromq';
import type { Codec, Batch } from '@app/transport-core';
import { PeerMonitor } from '../../sockets/peer-monitor.js';
import { Lane, type LaneListener, type LaneSettings } from './lane.js';

/**
 * Pushes batches to pullers.
 *
 * Nothing is written while no peer is there. libzmq would take messages for a peer that may never come, and
 * they would be out of the count of what waits. What it took before a peer went away it keeps for its return
 * (`immediate` stays false: with true it would drop that pipe).
 */
export class PushLane extends Lane {
  private readonly monitor: PeerMonitor;

  constructor(
    settings: LaneSettings,
    private readonly codec: Codec,
    listener: LaneListener,
  ) {
    super(new Push(settings.socket), listener);
    this.monitor = new PeerMonitor(this.socket, settings.inprocOnly, {
      onChange: () => this.listener.onPeersChanged(),
    });
  }

  override get readyPeers(): number {
    return this.monitor.peers;
  }

  override get returns(): number {
    return this.monitor.returns;
  }

  protected override message(batch: Batch): MessageLike {
    return this.codec.join(batch.parts);
  }
}
