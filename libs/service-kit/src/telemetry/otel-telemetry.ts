import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Agent as HttpAgent, type AgentOptions } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { Logger, type OnApplicationShutdown } from '@nestjs/common';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { defaultResource, resourceFromAttributes, type Resource } from '@opentelemetry/resources';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { ATTR_SERVICE_NAME } from '@opentelemetry/semantic-conventions';
import { register } from 'prom-client';
import type { NatsSettings } from '../config/nats-settings.js';
import { headersOf, type OtelSettings, pairsOf } from '../config/otel-settings.js';
import { withoutCredentials } from '../secrets/address.js';
import { ThrottledLog } from '../service/throttled-log.js';
import { BatchTraces } from './batch-traces.js';
import { countExports, ExportTally, followRejections, SpanQueue } from './counted-exports.js';
import type { MessagingLink } from './messaging.js';
import { PostTraces } from './post-traces.js';
import { RegistryMetrics } from './registry-metrics.js';
import type { Telemetry, TelemetryIdentity } from './telemetry.js';

/** How long a stopping service waits for its receiver. Events are sent by then, and nobody waits for telemetry. */
const STOP_MS = 1000;
/** The longest time of one collection of metrics. */
const COLLECT_MS = 30_000;
/** A client's address and program are strangers' texts. */
const MAX_TEXT = 1024;
const SCOPE = 'trading-telemetry';

/** OpenTelemetry as the settings ask for it. Nothing global is set but the place where exporters log. */
export class OtelTelemetry implements Telemetry, OnApplicationShutdown {
  readonly posts: PostTraces | undefined;
  readonly batches: BatchTraces | undefined;
  readonly counts: ExportTally;
  private readonly logger = new Logger('telemetry');
  private readonly connection: Connection;
  private queue: SpanQueue | undefined;
  private readonly spans: TracerProvider | undefined;
  private readonly metrics: MeterProvider | undefined;

  constructor(settings: NatsSettings, endpoint: string, identity: TelemetryIdentity) {
    this.connection = new Connection(settings.OTEL_EXPORTER_OTLP_CERTIFICATE);
    this.counts = new ExportTally(withoutCredentials(endpoint), new ThrottledLog(this.logger));
    followRejections(this.counts);
    const resource = resourceOf(settings, identity);
    if (settings.OTEL_TRACES_EXPORTER === 'otlp') {
      this.spans = this.openSpans(settings, endpoint, resource);
      const tracer = this.spans.getTracer(SCOPE);
      const messaging = { link: linkOf(settings), clock: identity.clock };
      this.posts = new PostTraces(tracer, messaging);
      this.batches = new BatchTraces(tracer, messaging);
    }
    if (settings.OTEL_METRICS_EXPORTER === 'otlp') {
      this.metrics = this.openMetrics(settings, endpoint, resource);
    }
  }

  /** Sends what waits, for a moment at most: a receiver that is away must not hold up the stop. */
  async onApplicationShutdown(): Promise<void> {
    this.connection.stop();
    const stopped = new AbortController();
    const sending = Promise.allSettled([this.spans?.shutdown(), this.metrics?.shutdown()]);
    await Promise.race([sending, delay(STOP_MS, undefined, { signal: stopped.signal })]);
    stopped.abort();
    const unsent = this.queue?.unsent ?? 0;
    if (unsent > 0)
      this.logger.warn(`${unsent} spans are dropped: the OTLP receiver did not take them in time`);
    this.counts.end();
    this.connection.end();
  }

  private openSpans(settings: OtelSettings, endpoint: string, resource: Resource): TracerProvider {
    const exporter = new OTLPTraceExporter(this.exporterOptions(settings, endpoint, 'v1/traces'));
    this.queue = new SpanQueue(exporter, this.counts, {
      maxQueueSize: settings.OTEL_BSP_MAX_QUEUE_SIZE,
      maxExportBatchSize: Math.min(settings.OTEL_BSP_MAX_EXPORT_BATCH_SIZE, settings.OTEL_BSP_MAX_QUEUE_SIZE),
      scheduledDelayMillis: settings.OTEL_BSP_SCHEDULE_DELAY,
    });
    return new TracerProvider({
      resource,
      sampler: samplerOf(settings),
      spanLimits: { attributeValueLengthLimit: MAX_TEXT },
      spanProcessors: [this.queue],
    });
  }

  private openMetrics(settings: OtelSettings, endpoint: string, resource: Resource): MeterProvider {
    const { OTEL_METRIC_EXPORT_INTERVAL: exportIntervalMillis } = settings;
    const exporter = new OTLPMetricExporter(this.exporterOptions(settings, endpoint, 'v1/metrics'));
    const reader = new PeriodicExportingMetricReader({
      exporter: countExports(exporter, this.counts),
      exportIntervalMillis,
      exportTimeoutMillis: Math.min(exportIntervalMillis, COLLECT_MS),
      metricProducers: [new RegistryMetrics(register, { name: SCOPE })],
    });
    return new MeterProvider({ resource, readers: [reader] });
  }

  private exporterOptions(settings: OtelSettings, endpoint: string, path: string) {
    const { OTEL_EXPORTER_OTLP_HEADERS: headers, OTEL_EXPORTER_OTLP_COMPRESSION: compression } = settings;
    return {
      url: addressOf(endpoint, path),
      headers: headers === undefined ? {} : headersOf(headers),
      timeoutMillis: settings.OTEL_EXPORTER_OTLP_TIMEOUT,
      compression: compression as never,
      httpAgentOptions: (protocol: string) => this.connection.agentOf(protocol),
    };
  }
}

/** Where a signal goes. The endpoint may have a path and a query of its own. */
function addressOf(endpoint: string, path: string): string {
  const url = new URL(endpoint);
  url.pathname = `${url.pathname.replace(/\/$/, '')}/${path}`;
  return url.href;
}

/** A code after which exporters do not try again. */
const STOPPED = { code: 'ERR_SERVICE_STOPS' };

/** The connections to the receiver. */
class Connection {
  private readonly agents: HttpAgent[] = [];
  private isStopping = false;
  private isOver = false;

  /** @param certificate PEM file of the authorities that the receiver's certificate is checked against */
  constructor(private readonly certificate: string | undefined) {}

  agentOf(protocol: string): HttpAgent {
    const options: AgentOptions = { keepAlive: true };
    const { certificate } = this;
    const agent =
      protocol === 'https:'
        ? new HttpsAgent({ ...options, ...(certificate !== undefined && { ca: readFileSync(certificate) }) })
        : new HttpAgent(options);
    const connect = agent.createConnection.bind(agent);
    agent.createConnection = (...args) => {
      if (this.isOver) throw Object.assign(new Error('the service stops'), STOPPED);
      return connect(...args)?.prependListener('error', (error) => {
        if (this.isStopping) Object.assign(error, STOPPED);
      });
    };
    this.agents.push(agent);
    return agent;
  }

  /** From now on each request is the last try. */
  stop(): void {
    this.isStopping = true;
  }

  /** Ends all requests; none begins any more. */
  end(): void {
    this.isOver = true;
    for (const agent of this.agents) {
      for (const socket of Object.values(agent.sockets).flat())
        socket?.destroy(new Error('the service stops'));
      agent.destroy();
    }
  }
}

function resourceOf(settings: OtelSettings, { service }: TelemetryIdentity): Resource {
  const { OTEL_SERVICE_NAME: name = service, OTEL_RESOURCE_ATTRIBUTES: attributes = '' } = settings;
  return defaultResource().merge(
    resourceFromAttributes({
      'host.name': hostname(),
      'process.pid': process.pid,
      'service.instance.id': randomUUID(),
      [ATTR_SERVICE_NAME]: name,
      ...pairsOf(attributes),
      ...(settings.OTEL_SERVICE_NAME !== undefined && { [ATTR_SERVICE_NAME]: name }),
    }),
  );
}

/** What the conventions for messaging call the system, and the place where its messages go. */
function linkOf({ NATS_URL, NATS_STREAM }: NatsSettings): MessagingLink {
  return NATS_URL === undefined
    ? { system: 'zeromq', stream: undefined }
    : { system: 'nats', stream: NATS_STREAM };
}

function samplerOf({ OTEL_TRACES_SAMPLER, OTEL_TRACES_SAMPLER_ARG }: OtelSettings): Sampler {
  const [kind, isByParent] = [
    OTEL_TRACES_SAMPLER.replace('parentbased_', ''),
    OTEL_TRACES_SAMPLER.startsWith('parentbased_'),
  ];
  const root =
    kind === 'always_on'
      ? new AlwaysOnSampler()
      : kind === 'always_off'
        ? new AlwaysOffSampler()
        : new TraceIdRatioBasedSampler(OTEL_TRACES_SAMPLER_ARG);
  return isByParent ? new ParentBasedSampler({ root }) : root;
}
