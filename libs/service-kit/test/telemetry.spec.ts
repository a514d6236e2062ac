import { Logger } from '@nestjs/common';
import { register } from 'prom-client';
import { OtlpReceiver } from '../../../testing/otlp-receiver.js';
import { waitUntil } from '../../../testing/wait.js';
import { NatsSettings } from '../src/config/nats-settings.js';
import { OtelTelemetry } from '../src/telemetry/otel-telemetry.js';

const PARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const TRACED = [{ traceparent: PARENT }];
const clock = (): number => (performance.timeOrigin + performance.now()) / 1000;

/** Handles a traced batch: two spans. */
function handle({ batches }: OtelTelemetry, events: readonly unknown[] = TRACED): void {
  batches?.begin(events, { receivedAtSeconds: clock() }, 'trade')?.end();
}

describe('OpenTelemetry of a service', () => {
  let receiver: OtlpReceiver;
  let telemetry: OtelTelemetry | undefined;
  let warnings: jest.SpyInstance;

  beforeEach(async () => {
    register.clear();
    warnings = jest.spyOn(Logger.prototype, 'warn').mockImplementation();
    receiver = await OtlpReceiver.start();
  });

  afterEach(async () => {
    await telemetry?.onApplicationShutdown();
    await receiver.close();
    warnings.mockRestore();
  });

  function open(settings: Partial<NatsSettings> = {}, endpoint = receiver.url): OtelTelemetry {
    const all = Object.assign(new NatsSettings(), { OTEL_BSP_SCHEDULE_DELAY: 1 }, settings);
    telemetry = new OtelTelemetry(all, endpoint, { service: 'test', clock });
    return telemetry;
  }

  it('sends spans with headers, compressed, below the path of the endpoint', async () => {
    const settings = {
      OTEL_EXPORTER_OTLP_HEADERS: 'x-desk=a%20b',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip' as const,
    };
    handle(open({ ...settings, OTEL_RESOURCE_ATTRIBUTES: 'service.name=desk' }, `${receiver.url}/base/?x=1`));
    const [span] = await receiver.untilSpans('process trade');

    expect(span).toMatchObject({ service: 'desk', traceId: PARENT.split('-')[1] });
    expect(receiver.paths).toEqual(['/base/v1/traces?x=1']);
    expect(receiver.headers[0]).toMatchObject({
      'x-desk': 'a b',
      'content-encoding': 'gzip',
      'content-type': 'application/x-protobuf',
    });
  });

  it('makes nothing of a batch without a sampled trace', async () => {
    const telemetry = open();
    handle(telemetry, [{}, { traceparent: PARENT.replace(/1$/, '0') }, { traceparent: 'forged' }]);
    handle(telemetry);
    await receiver.untilSpans('process trade');
    expect(receiver.spans).toHaveLength(2);
  });

  it('shows the first reason why events of a batch were not applied', async () => {
    const trace = open().batches?.begin(TRACED, { receivedAtSeconds: clock() }, 'trade');
    for (const reason of ['invalid_qty', 'invalid_side']) trace?.fault(reason);
    trace?.end();
    const [span] = await receiver.untilSpans('process trade');
    expect(span).toMatchObject({ isError: true, attributes: { 'error.type': 'invalid_qty' } });
  });

  it('drops and counts spans that find no room while the receiver is slow', async () => {
    receiver.mood = 'silent';
    const telemetry = open({ OTEL_BSP_MAX_QUEUE_SIZE: 4, OTEL_BSP_MAX_EXPORT_BATCH_SIZE: 2 });
    handle(telemetry);
    await waitUntil('an export under way', () => receiver.requests === 1);
    for (let n = 0; n < 5; n += 1) handle(telemetry);
    expect(telemetry.counts.dropped.spans.queue_full).toBe(6);
  });

  it('drops and counts what takes longer than OTEL_EXPORTER_OTLP_TIMEOUT, says so once, and says when it is over', async () => {
    receiver.mood = 'silent';
    const telemetry = open({ OTEL_EXPORTER_OTLP_TIMEOUT: 50 });
    const { counts } = telemetry;
    for (const spans of [2, 4]) {
      handle(telemetry);
      await waitUntil(`${spans} spans not taken`, () => counts.dropped.spans.not_taken === spans);
    }
    expect(warnings.mock.calls.map(([text]) => String(text))).toEqual([
      expect.stringContaining(`the OTLP receiver at ${receiver.url}`),
    ]);
    receiver.mood = 'takes';
    handle(telemetry);
    await waitUntil('two spans sent', () => counts.sent.spans === 2);
  });

  it.each([
    [1, 1],
    [2_000_000_000, 2],
  ])('counts what the receiver rejects of an export that it takes: %p of 2', async (rejects, rejected) => {
    receiver.mood = { rejects };
    const { counts } = open();
    handle(telemetry as OtelTelemetry);
    await waitUntil('a rejected span', () => counts.dropped.spans.rejected === rejected);
    expect(counts.sent.spans).toBe(2 - rejected);
  });

  it('sends what waits when the service stops, and stops in time while nobody answers, and says what is lost', async () => {
    const first = open({ OTEL_BSP_SCHEDULE_DELAY: 60_000 });
    handle(first);
    await first.onApplicationShutdown();
    expect(first.counts.sent.spans).toBe(2);

    receiver.mood = 'silent';
    const second = open({ OTEL_BSP_SCHEDULE_DELAY: 60_000, OTEL_METRICS_EXPORTER: 'otlp' });
    handle(second);
    const startMs = performance.now();
    await second.onApplicationShutdown();
    expect(performance.now() - startMs).toBeLessThan(5000);
    expect(warnings).toHaveBeenCalledWith(expect.stringMatching(/^2 spans are dropped/));
  });

  it.each([
    ['always_off', 0],
    ['parentbased_always_off', 2],
    ['parentbased_traceidratio', 2],
    ['traceidratio', 0],
  ] as const)('asks the sampler %s', async (OTEL_TRACES_SAMPLER, spans) => {
    const telemetry = open({ OTEL_TRACES_SAMPLER, OTEL_TRACES_SAMPLER_ARG: 0 });
    handle(telemetry);
    await telemetry.onApplicationShutdown();
    expect(receiver.spans).toHaveLength(spans);
  });
});
