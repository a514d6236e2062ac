import { METRICS } from '@app/contracts';
import { ZmqServer } from '@app/zmq-transport';
import type { Provider } from '@nestjs/common';
import { makeCounterProvider, makeGaugeProvider } from '@willsoto/nestjs-prometheus';
import { RejectionIntake } from './rejection.intake.js';

const inject = [ZmqServer];

/** The transport counts for itself; its statistics are read when Prometheus asks, and at no other time. */
export const transportMetrics: Provider[] = [
  makeGaugeProvider({
    ...METRICS.transportQueueDepth,
    inject,
    collect(server: ZmqServer) {
      this.set(server.stats().inFlight);
    },
  }),
  makeGaugeProvider({
    ...METRICS.transportLinkUp,
    inject,
    collect(server: ZmqServer) {
      this.set(server.isReceiving ? 1 : 0);
    },
  }),
  makeCounterProvider({
    ...METRICS.transportReceived,
    inject,
    collect(server: ZmqServer) {
      this.reset();
      this.inc(server.stats().received);
    },
  }),
  makeCounterProvider({
    ...METRICS.transportBatches,
    inject,
    collect(server: ZmqServer) {
      this.reset();
      this.inc({ direction: 'in' }, server.stats().batches);
    },
  }),
  makeCounterProvider({
    ...METRICS.transportBytes,
    inject,
    collect(server: ZmqServer) {
      this.reset();
      this.inc({ direction: 'in' }, server.stats().receivedBytes);
    },
  }),
  makeCounterProvider({
    ...METRICS.transportDisconnects,
    inject,
    collect(server: ZmqServer) {
      this.reset();
      this.inc(server.stats().disconnects);
    },
  }),
  makeCounterProvider({
    ...METRICS.transportRefusedPeers,
    inject,
    collect(server: ZmqServer) {
      this.reset();
      this.inc(server.stats().refusedPeers);
    },
  }),
  makeGaugeProvider({
    ...METRICS.transportPeers,
    inject,
    collect(server: ZmqServer) {
      this.set(server.stats().peers);
    },
  }),
  makeGaugeProvider({
    ...METRICS.transportPendingRequests,
    inject,
    collect(server: ZmqServer) {
      this.set(server.stats().runningRequests);
    },
  }),
  makeCounterProvider({
    ...METRICS.transportHandlerFailures,
    inject: [ZmqServer, RejectionIntake],
    collect(server: ZmqServer, { refused }: RejectionIntake) {
      const { rejected, failedRequests } = server.stats();
      this.reset();
      this.inc(rejected.handler_failed - refused + failedRequests);
    },
  }),
  makeCounterProvider({
    ...METRICS.transportMissed,
    inject,
    collect(server: ZmqServer) {
      this.reset();
      this.inc(server.stats().missed);
    },
  }),
  makeCounterProvider({
    ...METRICS.transportDroppedReplies,
    inject,
    collect(server: ZmqServer) {
      this.reset();
      this.inc(server.stats().droppedReplies);
    },
  }),
  makeCounterProvider({
    ...METRICS.transportDrops,
    inject: [ZmqServer, RejectionIntake],
    collect(server: ZmqServer, { refused }: RejectionIntake) {
      const { rejected } = server.stats();
      const drops = { ...rejected, handler_failed: rejected.handler_failed - refused };
      this.reset();
      for (const [reason, count] of Object.entries(drops)) this.inc({ reason }, count);
    },
  }),
];
