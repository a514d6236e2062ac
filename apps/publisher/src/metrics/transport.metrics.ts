import { METRICS } from '@app/contracts';
import { HttpGate } from '@app/service-kit';
import { Injectable } from '@nestjs/common';
import { PublisherFeed } from '../events/publisher.feed.js';
import { LinkService } from '../link/link.service.js';
import { scrapedCounter, scrapedGauge, scrapedTotal } from './scraped.metric.js';

/** Shows the transport's, the gate's and the feed's own statistics to Prometheus; they are read at scrape only. */
@Injectable()
export class TransportMetrics {
  constructor(link: LinkService, feed: PublisherFeed, gate: HttpGate) {
    scrapedGauge(METRICS.transportQueueDepth, () => link.memory.events);
    scrapedGauge(METRICS.transportQueueBytes, () => link.memory.bytes);
    scrapedGauge(METRICS.transportLinkUp, () => (link.isUp ? 1 : 0));
    scrapedGauge(METRICS.transportPeers, () => link.stats().peers);
    scrapedGauge(METRICS.transportPendingRequests, () => link.stats().pendingRequests);
    scrapedGauge(METRICS.transportRoundTrip, () => link.measureRoundTrip());
    scrapedTotal(METRICS.transportSent, () => link.stats().sent);
    scrapedTotal(METRICS.transportReconnects, () => link.stats().reconnects);
    scrapedTotal(METRICS.transportRefusedPeers, () => link.stats().refusals);
    scrapedCounter(METRICS.transportBatches, 'direction', () => ({ out: link.stats().batches }));
    scrapedCounter(METRICS.transportBytes, 'direction', () => ({ out: link.stats().sentBytes }));
    scrapedCounter(METRICS.transportDrops, 'reason', () => link.stats().drops);
    scrapedCounter(METRICS.httpRefused, 'reason', () => gate.refusals());
    scrapedGauge(METRICS.feedClients, () => feed.stats().clients);
    scrapedTotal(METRICS.feedDroppedClients, () => feed.stats().droppedClients);
  }
}
