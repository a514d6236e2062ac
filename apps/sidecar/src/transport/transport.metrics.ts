import { METRICS } from '@app/contracts';
import { pulledCounter, pulledCounters, pulledGauge } from '@app/service-kit';
import { ZmqServer, type ZmqServerStats } from '@app/zmq-transport';
import { Injectable } from '@nestjs/common';
import { RejectionIntake } from './rejection.intake.js';

/**
 * Events, and messages of which none could be read: every one is applied or rejected in the end, so that the counters add
 * up. The transport itself cannot know how many events an unreadable message was meant to hold.
 */
export function receivedInputs({ received, rejected }: ZmqServerStats): number {
  return received + rejected.malformed + rejected.frame_count + rejected.oversize + rejected.batch_size;
}

/** The transport counts for itself; its statistics are read when Prometheus asks, and at no other time. */
@Injectable()
export class TransportMetrics {
  constructor(server: ZmqServer, intake: RejectionIntake) {
    pulledGauge(METRICS.transportQueueDepth, () => server.stats().inFlight);
    pulledGauge(METRICS.transportLinkUp, () => (server.isReceiving ? 1 : 0));
    pulledCounter(METRICS.transportReceived, () => receivedInputs(server.stats()));
    pulledCounters(METRICS.transportBatches, 'direction', () => ({ in: server.stats().batches }));
    pulledCounters(METRICS.transportBytes, 'direction', () => ({ in: server.stats().receivedBytes }));
    pulledCounter(METRICS.transportDisconnects, () => server.stats().disconnects);
    pulledCounter(METRICS.transportRefusedPeers, () => server.stats().refusedPeers);
    pulledGauge(METRICS.transportPeers, () => server.stats().peers);
    pulledGauge(METRICS.transportPendingRequests, () => server.stats().runningRequests);
    pulledCounter(METRICS.transportHandlerFailures, () => {
      const { rejected, failedRequests } = server.stats();
      return rejected.handler_failed - intake.refused + failedRequests;
    });
    pulledCounter(METRICS.transportMissed, () => server.stats().missed);
    pulledCounter(METRICS.transportDroppedReplies, () => server.stats().droppedReplies);
    pulledCounters(METRICS.transportDrops, 'reason', () => {
      const { rejected } = server.stats();
      return { ...rejected, handler_failed: rejected.handler_failed - intake.refused };
    });
  }
}

/** Acknowledged delivery as the server counts it. */
@Injectable()
export class DeliveryMetrics {
  constructor(server: ZmqServer) {
    pulledGauge(METRICS.deliveryProducers, () => server.stats().delivery.producers);
    pulledGauge(METRICS.deliveryQueued, () => server.stats().delivery.queuedEvents);
    pulledCounter(METRICS.deliveryDuplicates, () => server.stats().delivery.duplicates);
    pulledCounter(METRICS.deliveryRetries, () => server.stats().delivery.retries);
    pulledCounter(METRICS.deliveryCommitFailures, () => server.stats().delivery.commitFailures);
    pulledCounter(METRICS.deliveryForgotten, () => server.stats().delivery.forgotten);
    pulledCounter(METRICS.deliveryStale, () => server.stats().delivery.stale);
  }
}
