import { HttpGate } from '@app/service-kit';
import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { PublisherConfig } from '../config/publisher.config.js';
import { UpstreamProxy } from './upstream-proxy.js';

/** Longer than Prometheus takes for hours of one-second samples. */
const TIMEOUT_MS = 15_000;

/** The way to Prometheus' query API; without PROMETHEUS_URL there is none, and every path is 404. */
@Injectable()
export class PrometheusProxy extends UpstreamProxy implements OnModuleDestroy {
  constructor({ PROMETHEUS_URL }: PublisherConfig, gate: HttpGate) {
    const paths = PROMETHEUS_URL === undefined ? [] : ['/api/v1/query', '/api/v1/query_range'];
    super({ name: 'Prometheus', url: PROMETHEUS_URL ?? '', paths, timeoutMs: TIMEOUT_MS }, gate);
  }

  onModuleDestroy(): void {
    this.close();
  }
}
