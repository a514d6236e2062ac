import { describeWith } from '../testing/installed.js';
import { NatsServer } from '../testing/nats.js';
import { OtlpReceiver, type ReceivedSpan } from '../testing/otlp-receiver.js';
import { ProgramScope } from '../testing/program.js';
import { scrape, whenApplied } from '../testing/samples.js';
import {
  AppStack,
  chooseAddresses,
  type StackAddresses,
  startApp,
  startSidecar,
  untilHealthy,
} from '../testing/stack.js';
import { waitUntil } from '../testing/wait.js';

const OPENMETRICS = 'application/openmetrics-text; version=1.0.0';
const CALLER = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };
const CALLERS_PARENT = `00-${CALLER.traceId}-${CALLER.spanId}-01`;

/** Lets no module of OpenTelemetry be loaded, and none of Nest beside the built file. */
const FORBIDDEN = `data:text/javascript,${encodeURIComponent(
  `export const resolve = (name, context, next) => {
    if (/^@(opentelemetry|nestjs)\\//.test(name)) throw new Error('loaded ' + name);
    return next(name, context);
  };`,
)}`;
const FORBID = `data:text/javascript,${encodeURIComponent(`import { register } from 'node:module'; register(${JSON.stringify(FORBIDDEN)});`)}`;

function post(stack: AppStack, path: string, body: unknown, headers: Record<string, string> = {}) {
  return fetch(`${stack.publisherUrl}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}

/** The one span of a name that belongs to the trace. */
async function spanOf(receiver: OtlpReceiver, name: string, traceId: string): Promise<ReceivedSpan> {
  return waitUntil(`the span ${name} of ${traceId}`, () =>
    receiver.spans.find((span) => span.name === name && span.traceId === traceId),
  );
}

/** What a post, its event, its receipt and its handler leave, over either link. */
async function expectOneTrace(receiver: OtlpReceiver, system: string, destination: string): Promise<void> {
  const of = (name: string): Promise<ReceivedSpan> => spanOf(receiver, name, CALLER.traceId);
  const [posted, sent, received, processed] = await Promise.all([
    of('POST /trade/:side'),
    of(`send ${destination}`),
    of(`receive ${destination}`),
    of(`process ${destination}`),
  ]);

  expect(posted).toMatchObject({ service: 'publisher', kind: 'server', parentId: CALLER.spanId });
  expect(posted.attributes).toMatchObject({
    'http.request.method': 'POST',
    'http.route': '/trade/:side',
    'http.response.status_code': 202,
    'url.path': '/trade/buy',
  });
  expect(sent).toMatchObject({ service: 'publisher', kind: 'producer', parentId: posted.spanId });
  expect(received).toMatchObject({ service: 'sidecar', kind: 'client', parentId: sent.spanId });
  expect(processed).toMatchObject({ service: 'sidecar', kind: 'consumer', parentId: received.spanId });
  for (const [span, operation] of [
    [sent, 'send'],
    [received, 'receive'],
    [processed, 'process'],
  ] as const) {
    expect(span.attributes).toMatchObject({
      'messaging.system': system,
      'messaging.destination.name': destination,
      'messaging.operation.name': operation,
      'messaging.operation.type': operation,
    });
    expect(span.endSeconds).toBeGreaterThanOrEqual(span.startSeconds);
    expect(span.isError).toBe(false);
  }
  for (const { links } of [received, processed]) expect(links).toEqual([`${sent.traceId} ${sent.spanId}`]);
  expect(sent.startSeconds).toBeGreaterThanOrEqual(posted.startSeconds);
  expect(received.startSeconds).toBeGreaterThanOrEqual(sent.startSeconds);
  expect(processed.startSeconds).toBe(received.endSeconds);
}

function settingsFor(receiver: OtlpReceiver): Record<string, string> {
  return { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_BSP_SCHEDULE_DELAY: '50' };
}

/** Spans of an app that its receiver did not take. */
async function dropped(url: string): Promise<number | undefined> {
  const samples = await scrape(`${url}/metrics`);
  return samples.get('trading_telemetry_dropped_total{signal="spans",reason="not_taken"}');
}

describe('the built apps with OpenTelemetry', () => {
  const scope = new ProgramScope();
  let receiver: OtlpReceiver;
  let stack: AppStack;
  /** A sidecar in which OpenTelemetry is off, and cannot be loaded; nor can Nest, which is in the built file. */
  let off: StackAddresses;

  beforeAll(async () => {
    receiver = await OtlpReceiver.start();
    const otel = settingsFor(receiver);
    stack = await AppStack.prepare({
      publisher: otel,
      sidecar: { ...otel, OTEL_METRICS_EXPORTER: 'otlp', OTEL_METRIC_EXPORT_INTERVAL: '100' },
    });
    off = await chooseAddresses();
    await Promise.all([
      stack.startSidecar(),
      stack.startPublisher(),
      startSidecar(scope, off, { NODE_OPTIONS: `--import=${FORBID}` }),
    ]);
  });

  afterAll(async () => {
    await scope.dispose();
    await stack.stop();
    await receiver.close();
  });

  it('have Nest in their own file, and load nothing of OpenTelemetry without OTEL_EXPORTER_OTLP_ENDPOINT', async () => {
    const names = [...(await scrape(`${off.sidecarUrl}/metrics`)).keys()];
    expect(names).toContain('trades_total{side="buy"}');
    expect(names.filter((name) => name.includes('telemetry'))).toEqual([]);
  });

  it("show one trade as one trace through both processes, as a part of its caller's", async () => {
    const answer = await post(stack, '/trade/buy', { qty: 2 }, { traceparent: CALLERS_PARENT });
    expect(Object.keys((await answer.json()) as object)).toEqual(['type', 'side', 'qty', 'ts']);
    await expectOneTrace(receiver, 'zeromq', 'trade');
  });

  it('show exemplars in OpenMetrics, and nothing of them in the plain text', async () => {
    const texts = await Promise.all(
      [OPENMETRICS, 'text/plain'].map(async (accept) => {
        const answer = await fetch(`${stack.sidecarUrl}/metrics/`, { headers: { accept } });
        return answer.text();
      }),
    );
    const { spanId } = await spanOf(receiver, 'send trade', CALLER.traceId);
    const exemplar = `# {trace_id="${CALLER.traceId}",span_id="${spanId}"} `;
    const [open = '', plain = ''] = texts;
    for (const name of ['trading_receive_latency_seconds_bucket', 'trading_stage_latency_seconds_bucket']) {
      expect(
        open.split('\n').filter((line) => line.startsWith(name) && line.includes(exemplar)),
      ).toHaveLength(1);
    }
    expect(plain).not.toContain('# {');
  });

  it('make one span for all events of a post, and one for a batch, with links', async () => {
    const trades = Array.from({ length: 50 }, () => ({ side: 'sell', qty: 1 }));
    await post(stack, '/trades', trades);
    const [bulk] = await receiver.untilSpans('POST /trades');
    const sent = await spanOf(receiver, 'send trade', bulk?.traceId ?? '');
    const processed = await spanOf(receiver, 'process trade', bulk?.traceId ?? '');

    expect(sent.attributes['messaging.batch.message_count']).toBe(50);
    expect(processed.attributes['messaging.batch.message_count']).toBe(50);
    expect(processed.links).toEqual([`${sent.traceId} ${sent.spanId}`]);
  });

  it('send the metrics that /metrics shows', async () => {
    const applied = await whenApplied(stack.sidecarUrl, 51);
    const valueOf = (side: string): number | undefined =>
      receiver.metrics
        .get('sidecar trades_total')
        ?.points.find(({ attributes }) => attributes['side'] === side)?.value;
    await waitUntil(
      'all trades by OTLP',
      () => valueOf('buy') === applied.buy && valueOf('sell') === applied.sell,
    );

    const latency = receiver.metrics.get('sidecar trading_receive_latency_seconds');
    const shown = await scrape(`${stack.sidecarUrl}/metrics`);
    const [point] = latency?.points ?? [];
    expect(latency?.kind).toBe('histogram');
    expect(point?.count).toBe(shown.get('trading_receive_latency_seconds_count'));
    expect(point?.sum).toBe(shown.get('trading_receive_latency_seconds_sum'));
    expect(point?.counts?.reduce((sum, count) => sum + count, 0)).toBe(point?.count);
    expect(shown.get('trading_telemetry_sent_total{signal="metrics"}')).toBeGreaterThan(0);
  });

  it('go on when the receiver refuses, and when it is gone: what is lost is counted, and nothing holds up the stop', async () => {
    receiver.mood = { status: 400 };
    await post(stack, '/trade/sell', {});
    await waitUntil('spans that the receiver refuses', async () => (await dropped(stack.publisherUrl)) === 2);
    await waitUntil('the same of the sidecar', async () => (await dropped(stack.sidecarUrl)) === 2);

    await receiver.close();
    await post(stack, '/trade/sell', {});
    expect(await whenApplied(stack.sidecarUrl, 53)).toMatchObject({ buy: 1, sell: 52 });
    expect((await stack.app('publisher').stop()).code).toBe(0);
    expect((await stack.app('sidecar').stop()).code).toBe(0);
    expect(stack.app('sidecar').output).not.toContain('by force');
  });
});

describeWith('nats-server', 'the built apps with OpenTelemetry, behind a broker', () => {
  it('show one trade as one trace', async () => {
    const [broker, receiver] = await Promise.all([NatsServer.start(), OtlpReceiver.start()]);
    const settings = { ...settingsFor(receiver), NATS_URL: broker.url, NATS_PARTITIONS: '2' };
    const scope = new ProgramScope();
    try {
      const at = await chooseAddresses();
      const sidecar = startApp(scope, 'sidecar', { PORT: String(at.sidecarPort), ...settings });
      const publisher = startApp(scope, 'publisher', { PORT: String(at.publisherPort), ...settings });
      await Promise.all([untilHealthy(sidecar, at.sidecarUrl), untilHealthy(publisher, at.publisherUrl)]);
      const answer = await fetch(`${at.publisherUrl}/trade/buy?wait=stored`, {
        method: 'POST',
        headers: { accept: 'application/json', traceparent: CALLERS_PARENT },
      });
      expect(answer.status).toBe(202);
      await expectOneTrace(receiver, 'nats', 'TRADES');
    } finally {
      await scope.dispose();
      await receiver.close();
      await broker.dispose();
    }
  });
});
