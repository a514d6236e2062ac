import { loadConfig } from './config-loader.js';
import { OtelSettings, pairsOf, unknownOtelNames } from './otel-settings.js';

const load = (env: NodeJS.ProcessEnv): OtelSettings =>
  loadConfig(OtelSettings, { envFile: 'no/such/.env', env });

describe('OtelSettings', () => {
  it('are off by default, with the defaults of the specification', () => {
    expect(load({})).toMatchObject({
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
      OTEL_EXPORTER_OTLP_TIMEOUT: 10_000,
      OTEL_TRACES_SAMPLER: 'parentbased_always_on',
      OTEL_BSP_SCHEDULE_DELAY: 5000,
      OTEL_BSP_MAX_QUEUE_SIZE: 2048,
      OTEL_BSP_MAX_EXPORT_BATCH_SIZE: 512,
      OTEL_METRIC_EXPORT_INTERVAL: 60_000,
    });
    expect(load({}).OTEL_EXPORTER_OTLP_ENDPOINT).toBeUndefined();
  });

  it('take what the specification allows, also in capitals', () => {
    const settings = load({
      OTEL_EXPORTER_OTLP_ENDPOINT: 'https://collector:4318/base/',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'GZIP',
      OTEL_SDK_DISABLED: 'TRUE',
      OTEL_TRACES_SAMPLER: 'traceidratio',
      OTEL_TRACES_SAMPLER_ARG: '0.25',
    });
    expect(settings).toMatchObject({
      OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
      OTEL_SDK_DISABLED: 'true',
      OTEL_TRACES_SAMPLER_ARG: 0.25,
    });
  });

  it.each([
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'grpc://collector:4317'],
    ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'authorization'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'two words=1'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'authorization=%E0%A4%A'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'authorization=a%0D%0Ab'],
    ['OTEL_EXPORTER_OTLP_TIMEOUT', '0'],
    ['OTEL_EXPORTER_OTLP_TIMEOUT', '2592000000'],
    ['OTEL_EXPORTER_OTLP_COMPRESSION', 'br'],
    ['OTEL_EXPORTER_OTLP_CERTIFICATE', 'no/such/file'],
    ['OTEL_SDK_DISABLED', 'yes'],
    ['OTEL_RESOURCE_ATTRIBUTES', '=desk'],
    ['OTEL_TRACES_EXPORTER', 'zipkin'],
    ['OTEL_TRACES_SAMPLER', 'jaeger_remote'],
    ['OTEL_TRACES_SAMPLER_ARG', '1.5'],
    ['OTEL_TRACES_SAMPLER_ARG', '-0.1'],
    ['OTEL_BSP_SCHEDULE_DELAY', '0'],
    ['OTEL_BSP_MAX_QUEUE_SIZE', '0'],
    ['OTEL_BSP_MAX_EXPORT_BATCH_SIZE', '0'],
    ['OTEL_METRICS_EXPORTER', 'prometheus'],
    ['OTEL_METRIC_EXPORT_INTERVAL', '0.5'],
  ])('refuse %s=%s, by its name', (key, value) => {
    expect(() => load({ [key]: value })).toThrow(
      expect.objectContaining({ faults: [expect.objectContaining({ key })] }),
    );
  });

  it('never repeat what a header holds', () => {
    const secret = 'authorization=Bearer%20hunter2%0A';
    expect(() => load({ OTEL_EXPORTER_OTLP_HEADERS: secret })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('hunter2') }),
    );
  });

  it('name what is set and has no effect', () => {
    const env = { OTEL_PROPAGATORS: 'b3', OTEL_SERVICE_NAME: 'desk', OTEL_LOG_LEVEL: '', PATH: '/bin' };
    expect(unknownOtelNames(load({}), env)).toEqual(['OTEL_PROPAGATORS']);
  });
});

describe('pairsOf', () => {
  it('reads a list of keys and values, with spaces around them and percent-encoded values', () => {
    expect(pairsOf('a=1, b = x%2Cy=z ,,')).toEqual({ a: '1', b: 'x,y=z' });
  });
});
