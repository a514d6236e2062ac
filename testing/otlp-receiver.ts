import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import protobuf from 'protobufjs';
import { waitUntil } from './wait.js';

/**
 * What is read of OTLP, with the field numbers of its definition:
 * https://github.com/open-telemetry/opentelemetry-proto/tree/main/opentelemetry/proto
 */
const DEFINITION = `syntax = "proto3";
message Any { oneof value { string text = 1; bool flag = 2; int64 whole = 3; double number = 4; } }
message KeyValue { string key = 1; Any value = 2; }
message Resource { repeated KeyValue attributes = 1; }
message Traces { repeated ResourceSpans resource_spans = 1; }
message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; }
message ScopeSpans { repeated Span spans = 2; }
message Link { bytes trace_id = 1; bytes span_id = 2; }
message Status { string message = 2; int32 code = 3; }
message Span {
  bytes trace_id = 1; bytes span_id = 2; bytes parent_span_id = 4; string name = 5; int32 kind = 6;
  fixed64 start_time_unix_nano = 7; fixed64 end_time_unix_nano = 8; repeated KeyValue attributes = 9;
  repeated Link links = 13; Status status = 15;
}
message Metrics { repeated ResourceMetrics resource_metrics = 1; }
message ResourceMetrics { Resource resource = 1; repeated ScopeMetrics scope_metrics = 2; }
message ScopeMetrics { repeated Metric metrics = 2; }
message Metric {
  string name = 1; string unit = 3;
  oneof data { Gauge gauge = 5; Sum sum = 7; Histogram histogram = 9; }
}
message Gauge { repeated Point data_points = 1; }
message Sum { repeated Point data_points = 1; int32 aggregation_temporality = 2; bool is_monotonic = 3; }
message Point { repeated KeyValue attributes = 7; oneof value { double number = 4; sfixed64 whole = 6; } }
message Histogram { repeated Buckets data_points = 1; int32 aggregation_temporality = 2; }
message Buckets {
  repeated KeyValue attributes = 9; fixed64 count = 4; double sum = 5;
  repeated fixed64 bucket_counts = 6; repeated double explicit_bounds = 7;
}
message Answer { Partial partial_success = 1; }
message Partial { int64 rejected = 1; string error_message = 2; }`;

const { root } = protobuf.parse(DEFINITION);
const [TRACES, METRICS, ANSWER] = ['Traces', 'Metrics', 'Answer'].map((name) => root.lookupType(name)) as [
  protobuf.Type,
  protobuf.Type,
  protobuf.Type,
];

type Attributes = Readonly<Record<string, unknown>>;
/** The kinds of spans, by their number. */
const KINDS = ['', 'internal', 'server', 'client', 'producer', 'consumer'];

/** A span as it was received; ids in hexadecimal. */
export interface ReceivedSpan {
  readonly service: string;
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for the first of a trace. */
  readonly parentId: string;
  readonly name: string;
  readonly kind: string;
  readonly startSeconds: number;
  readonly endSeconds: number;
  readonly attributes: Attributes;
  /** Trace and span, separated by a space. */
  readonly links: readonly string[];
  readonly isError: boolean;
}

/** A metric as it was received. */
export interface ReceivedMetric {
  readonly service: string;
  readonly name: string;
  readonly kind: 'gauge' | 'sum' | 'histogram';
  readonly points: readonly {
    readonly attributes: Attributes;
    readonly value?: number;
    readonly sum?: number;
    readonly count?: number;
    readonly bounds?: readonly number[];
    readonly counts?: readonly number[];
  }[];
}

/** How a receiver answers: it takes everything, refuses with a status, rejects some spans, or never answers. */
export type ReceiverMood = 'takes' | 'silent' | { readonly status: number } | { readonly rejects: number };

/** An OTLP receiver over HTTP, on a port that the system chose. It decodes what it gets, and keeps it. */
export class OtlpReceiver {
  readonly spans: ReceivedSpan[] = [];
  /** The newest export of each service and name. */
  readonly metrics = new Map<string, ReceivedMetric>();
  readonly headers: IncomingMessage['headers'][] = [];
  readonly paths: string[] = [];
  /** Exports that came in, whatever was answered. */
  requests = 0;
  mood: ReceiverMood = 'takes';

  private constructor(private readonly server: Server) {
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      void this.take(request, response);
    });
  }

  static async start(port = 0): Promise<OtlpReceiver> {
    const server = createServer();
    const receiver = new OtlpReceiver(server);
    await new Promise<void>((resolve) => {
      server.listen(port, '127.0.0.1', resolve);
    });
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** The spans of a name, once there are so many. */
  async untilSpans(name: string, count = 1): Promise<ReceivedSpan[]> {
    const found = (): ReceivedSpan[] => this.spans.filter((span) => span.name === name);
    await waitUntil(`${count} spans ${name}`, () => found().length >= count);
    return found();
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    await closed;
  }

  private async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    this.requests += 1;
    const { mood } = this;
    if (mood === 'silent') return;
    if (mood !== 'takes' && 'status' in mood) {
      response.writeHead(mood.status).end();
      return;
    }
    this.headers.push(request.headers);
    this.paths.push(request.url ?? '');
    const body = Buffer.concat(chunks);
    const message = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
    if (request.url?.includes('/v1/traces') === true) this.spans.push(...spansOf(message));
    else
      for (const metric of metricsOf(message)) this.metrics.set(`${metric.service} ${metric.name}`, metric);
    const rejected = mood === 'takes' ? 0 : mood.rejects;
    const answer = rejected > 0 ? { partialSuccess: { rejected, errorMessage: 'no room' } } : {};
    response.writeHead(200, { 'content-type': 'application/x-protobuf' });
    response.end(ANSWER.encode(ANSWER.fromObject(answer)).finish());
  }
}

interface Decoded {
  readonly [field: string]: unknown;
}

function decode(type: protobuf.Type, message: Uint8Array): Decoded {
  return type.toObject(type.decode(message), { longs: Number, bytes: String, arrays: true, defaults: true });
}

const list = (value: unknown): Decoded[] => value as Decoded[];
const hex = (base64: unknown): string => Buffer.from(String(base64), 'base64').toString('hex');
const seconds = (nanos: unknown): number => Number(nanos) / 1e9;

function attributesOf(pairs: unknown): Record<string, unknown> {
  return Object.fromEntries(
    list(pairs).map(({ key, value }) => {
      const { text, flag, whole, number } = value as Decoded;
      return [String(key), text ?? flag ?? whole ?? number];
    }),
  );
}

function serviceOf(resource: unknown): string {
  return String(attributesOf((resource as Decoded)['attributes'])['service.name']);
}

function spansOf(message: Uint8Array): ReceivedSpan[] {
  return list(decode(TRACES, message)['resourceSpans']).flatMap(({ resource, scopeSpans }) =>
    list(scopeSpans)
      .flatMap(({ spans }) => list(spans))
      .map((span) => ({
        service: serviceOf(resource),
        traceId: hex(span['traceId']),
        spanId: hex(span['spanId']),
        parentId: hex(span['parentSpanId']),
        name: String(span['name']),
        kind: KINDS[Number(span['kind'])] ?? '',
        startSeconds: seconds(span['startTimeUnixNano']),
        endSeconds: seconds(span['endTimeUnixNano']),
        attributes: attributesOf(span['attributes']),
        links: list(span['links']).map(({ traceId, spanId }) => `${hex(traceId)} ${hex(spanId)}`),
        isError: (span['status'] as Decoded | null)?.['code'] === 2,
      })),
  );
}

function metricsOf(message: Uint8Array): ReceivedMetric[] {
  return list(decode(METRICS, message)['resourceMetrics']).flatMap(({ resource, scopeMetrics }) =>
    list(scopeMetrics)
      .flatMap(({ metrics }) => list(metrics))
      .map((metric) => {
        const kind = (['gauge', 'sum', 'histogram'] as const).find((name) => metric[name]) ?? 'gauge';
        const points = list((metric[kind] as Decoded)['dataPoints']).map((point) => ({
          attributes: attributesOf(point['attributes']),
          ...(kind === 'histogram'
            ? {
                sum: Number(point['sum']),
                count: Number(point['count']),
                bounds: point['explicitBounds'] as number[],
                counts: point['bucketCounts'] as number[],
              }
            : { value: Number(point['number'] ?? point['whole']) }),
        }));
        return { service: serviceOf(resource), name: String(metric['name']), kind, points };
      }),
  );
}
