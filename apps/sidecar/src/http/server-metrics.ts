import { METRICS } from '@app/contracts';
import { HttpGate, pulledCounter, pulledCounters, pulledGauge } from '@app/service-kit';
import { ZmqServer } from '@app/zmq-transport';
import { Injectable } from '@nestjs/common';
import { RejectionsService } from '../intake/rejections/rejections.service.js';
import { receivedInputs } from '../intake/trade-server.js';

/** Shows Prometheus what the ZeroMQ server and the HTTP gate count themselves. It reads them only at a scrape. */
@Injectable()
export class ServerMetrics {
  constructor(
    private readonly server: ZmqServer,
    private readonly rejections: RejectionsService,
    gate: HttpGate,
  ) {
    pulledCounters(METRICS.httpRefused, 'reason', () => gate.refusals());
    this.registerTransport();
    this.registerDelivery();
  }

  private registerTransport(): void {
    const { server } = this;
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
      return this.failedHandlers() + server.stats().failedRequests;
    });
    pulledCounter(METRICS.transportMissed, () => server.stats().missed);
    pulledCounter(METRICS.transportDroppedReplies, () => server.stats().droppedReplies);
    pulledCounters(METRICS.transportDrops, 'reason', () => {
      return { ...server.stats().rejected, handler_failed: this.failedHandlers() };
    });
  }

  /** Acknowledged delivery. */
  private registerDelivery(): void {
    const { server } = this;
    pulledGauge(METRICS.deliveryProducers, () => server.stats().delivery.producers);
    pulledGauge(METRICS.deliveryQueued, () => server.stats().delivery.queuedEvents);
    pulledCounter(METRICS.deliveryDuplicates, () => server.stats().delivery.duplicates);
    pulledCounter(METRICS.deliveryRetries, () => server.stats().delivery.retries);
    pulledCounter(METRICS.deliveryCommitFailures, () => server.stats().delivery.commitFailures);
    pulledCounter(METRICS.deliveryForgotten, () => server.stats().delivery.forgotten);
    pulledCounter(METRICS.deliveryStale, () => server.stats().delivery.stale);
  }

  /** The server counts an event that our handler rejects as a failed handler. For our users it is a rejection. */
  private failedHandlers(): number {
    return this.server.stats().rejected.handler_failed - this.rejections.rejectedByHandler;
  }
}
