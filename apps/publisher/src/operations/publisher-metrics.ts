import { METRICS } from '@app/contracts';
import {
  HttpGate,
  pulledCounter,
  pulledCounters,
  pulledGauge,
  showTelemetry,
  TELEMETRY,
  type Telemetry,
} from '@app/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { LiveFeed } from '../live/live-feed.js';
import { LinkService } from '../publishing/link.service.js';

/** Shows Prometheus what the transport, the gate and the feed count anyway. It reads them only at a scrape. */
@Injectable()
export class PublisherMetrics {
  constructor(
    link: LinkService,
    feed: LiveFeed,
    gate: HttpGate,
    @Inject(TELEMETRY) telemetry: Telemetry | undefined,
  ) {
    showTransport(link);
    showDelivery(link);
    pulledCounters(METRICS.httpRefused, 'reason', () => gate.refusals());
    pulledGauge(METRICS.feedClients, () => feed.stats().clients);
    pulledCounter(METRICS.feedDroppedClients, () => feed.stats().droppedClients);
    showTelemetry(telemetry, METRICS.telemetrySent, METRICS.telemetryDropped);
  }
}

function showTransport(link: LinkService): void {
  pulledGauge(METRICS.transportQueueDepth, () => link.memory.events);
  pulledGauge(METRICS.transportQueueBytes, () => link.memory.bytes);
  pulledGauge(METRICS.transportLinkUp, () => (link.isUp ? 1 : 0));
  pulledGauge(METRICS.transportPeers, () => link.stats().peers);
  pulledGauge(METRICS.transportPendingRequests, () => link.stats().pendingRequests);
  pulledGauge(METRICS.transportRoundTrip, () => link.measureRoundTrip());
  pulledCounter(METRICS.transportSent, () => link.stats().sent);
  pulledCounter(METRICS.transportReconnects, () => link.stats().reconnects);
  pulledCounter(METRICS.transportRefusedPeers, () => link.stats().denials);
  pulledCounters(METRICS.transportBatches, 'direction', () => ({ out: link.stats().batches }));
  pulledCounters(METRICS.transportBytes, 'direction', () => ({ out: link.stats().sentBytes }));
  pulledCounters(METRICS.transportDrops, 'reason', () => link.stats().drops);
}

/** What is not acknowledged; 0 where nothing is. */
function showDelivery(link: LinkService): void {
  pulledGauge(METRICS.spoolEvents, () => link.deliveryStats().unacknowledgedEvents);
  pulledGauge(METRICS.spoolBytes, () => link.deliveryStats().unacknowledgedBytes);
  pulledGauge(METRICS.spoolOldest, () => link.deliveryStats().oldestUnacknowledgedSeconds);
  pulledGauge(METRICS.deliveryCredit, () => link.deliveryStats().credit);
  pulledCounter(METRICS.deliveryAcknowledged, () => link.deliveryStats().acknowledged);
  pulledCounter(METRICS.deliveryResent, () => link.deliveryStats().resent);
  pulledCounter(METRICS.deliveryFailed, () => link.deliveryStats().failed);
}
