import { METRICS, type MetricDefinition } from '@app/contracts';
import { type ServerDeliveryStats, ZmqServer } from '@app/zmq-transport';
import type { Provider } from '@nestjs/common';
import { makeCounterProvider, makeGaugeProvider } from '@willsoto/nestjs-prometheus';

const inject = [ZmqServer];

function gauge(metric: MetricDefinition, read: (stats: ServerDeliveryStats) => number): Provider {
  return makeGaugeProvider({
    ...metric,
    inject,
    collect(server: ZmqServer) {
      this.set(read(server.stats().delivery));
    },
  });
}

function counter(metric: MetricDefinition, read: (stats: ServerDeliveryStats) => number): Provider {
  return makeCounterProvider({
    ...metric,
    inject,
    collect(server: ZmqServer) {
      this.reset();
      this.inc(read(server.stats().delivery));
    },
  });
}

/** Acknowledged delivery as the server counts it; read when Prometheus asks. */
export const deliveryMetrics: Provider[] = [
  gauge(METRICS.deliveryProducers, ({ producers }) => producers),
  gauge(METRICS.deliveryQueued, ({ queuedEvents }) => queuedEvents),
  counter(METRICS.deliveryDuplicates, ({ duplicates }) => duplicates),
  counter(METRICS.deliveryRetries, ({ retries }) => retries),
  counter(METRICS.deliveryCommitFailures, ({ commitFailures }) => commitFailures),
  counter(METRICS.deliveryForgotten, ({ forgotten }) => forgotten),
  counter(METRICS.deliveryStale, ({ stale }) => stale),
];
