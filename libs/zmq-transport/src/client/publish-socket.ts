import { type MessageLike, XPublisher } from 'zeromq';
import type { Codec, Batch } from '@app/transport-core';
import { PeerMonitor } from '../sockets/peer-monitor.js';
import { TopicSequencer } from '../wire/topic-header.js';
import { PeerSocket, type SenderEvents, type PeerSocketSettings } from './peer-socket.js';

const UNSUBSCRIBE = 0;
const SUBSCRIBE = 1;

/**
 * Publishes batches by topic. XPUB rather than PUB, because it sees the subscriptions: events without a subscriber are counted
 * instead of vanishing, and the link is up once a peer subscribes, not once it connects.
 */
export class PublishSocket extends PeerSocket {
  private readonly monitor: PeerMonitor;
  private readonly sequencer = new TopicSequencer();
  private readonly prefixes = new Set<string>();

  constructor(
    settings: PeerSocketSettings,
    private readonly codec: Codec,
    events: SenderEvents,
  ) {
    const socket = new XPublisher(settings.socket);
    super(socket, events);
    this.monitor = new PeerMonitor(socket, settings.inprocOnly, {
      onChange: () => this.events.onPeersChanged(),
    });
    void this.followSubscriptions(socket);
  }

  override get readyPeers(): number {
    // A connecting socket keeps the subscriptions of a lost peer for its return, and never reports their end.
    return this.prefixes.size === 0 ? 0 : this.monitor.peers;
  }

  override get returns(): number {
    return this.monitor.returns;
  }

  /** True whenever it is not busy: a broadcast waits for no peer. */
  override get isWritable(): boolean {
    return !this.isBusy;
  }

  override write(batch: Batch): void {
    // Without a peer libzmq would keep some events for its return and drop the others silently.
    if (this.readyPeers > 0 && this.isWanted(batch.topic)) {
      super.write(batch);
    } else {
      this.events.onUnwanted(batch);
    }
  }

  protected override message(batch: Batch): MessageLike[] {
    const { topic, count } = batch;
    return [topic, this.sequencer.header(topic, count), batch.payload(this.codec)];
  }

  private isWanted(topic: string): boolean {
    for (const prefix of this.prefixes) {
      if (topic.startsWith(prefix)) {
        return true;
      }
    }
    return false;
  }

  /**
   * XPUB delivers as messages the first subscription to a prefix, the end of the last one, and anything else that a peer sends,
   * which is no subscription.
   */
  private async followSubscriptions(socket: XPublisher): Promise<void> {
    try {
      for await (const [frame] of socket) {
        const prefix = frame?.toString('utf8', 1) ?? '';
        if (frame?.[0] === SUBSCRIBE) {
          this.prefixes.add(prefix);
        } else if (frame?.[0] === UNSUBSCRIBE) {
          this.prefixes.delete(prefix);
        }
        this.events.onPeersChanged();
      }
    } catch (error) {
      this.fail(error);
    }
  }
}
