import { METRICS } from '@app/contracts';
import { HttpGate, pulledCounter, pulledCounters, pulledGauge } from '@app/service-kit';
import { Injectable } from '@nestjs/common';
import { PublisherFeed } from '../live/live-feed.js';
import { LinkService } from '../publishing/link.service.js';

/** Shows the transport's, the gate's and the feed's own statistics to Prometheus; they are read at scrape only. */
@Injectable()
export class TransportMetrics {
  constructor(link: LinkService, feed: PublisherFeed, gate: HttpGate) {
    pulledGauge(METRICS.transportQueueDepth, () => link.memory.events);
    pulledGauge(METRICS.transportQueueBytes, () => link.memory.bytes);
    pulledGauge(METRICS.transportLinkUp, () => (link.isUp ? 1 : 0));
    pulledGauge(METRICS.transportPeers, () => link.stats().peers);
    pulledGauge(METRICS.transportPendingRequests, () => link.stats().pendingRequests);
    pulledGauge(METRICS.transportRoundTrip, () => link.measureRoundTrip());
    pulledCounter(METRICS.transportSent, () => link.stats().sent);
    pulledCounter(METRICS.transportReconnects, () => link.stats().reconnects);
    pulledCounter(METRICS.transportRefusedPeers, () => link.stats().refusals);
    pulledCounters(METRICS.transportBatches, 'direction', () => ({ out: link.stats().batches }));
    pulledCounters(METRICS.transportBytes, 'direction', () => ({ out: link.stats().sentBytes }));
    pulledCounters(METRICS.transportDrops, 'reason', () => link.stats().drops);
    pulledCounters(METRICS.httpRefused, 'reason', () => gate.refusals());
    pulledGauge(METRICS.feedClients, () => feed.stats().clients);
    pulledCounter(METRICS.feedDroppedClients, () => feed.stats().droppedClients);
  }
}
