import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { METRICS, REJECTION_REASONS } from '@app/contracts';
import { SidecarConfig } from '../src/config/sidecar.config.js';

const read = (path: string): string => readFileSync(join(process.cwd(), path), 'utf8');
const contract = read('docs/reference/contract.md');

/** The first column of the table under a heading, without its backquotes. */
function firstColumn(heading: string): string[] {
  const section = contract.split(`## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  return [...section.matchAll(/^\| (`[^|]*`) \|/gm)].flatMap(([, cell]) =>
    [...(cell ?? '').matchAll(/`([a-z_]+)/g)].map(([, name]) => name ?? ''),
  );
}

describe('README.md', () => {
  it('has the Python publisher as it runs', () => {
    expect(read('README.md')).toContain(`\`\`\`python\n${read('examples/python/publisher.py')}\`\`\``);
  });
});

describe('docs/reference/contract.md', () => {
  it('explains every reason of rejection, and no other', () => {
    expect(firstColumn('What is rejected').sort()).toEqual([...REJECTION_REASONS].sort());
  });

  it('names only metrics that exist', () => {
    const known = new Set<string>(Object.values(METRICS).map((metric) => metric.name));
    const named = firstColumn('The metrics');
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((name) => !known.has(name))).toEqual([]);
  });
});

describe('apps/sidecar/.env.example', () => {
  it('has a line for every setting, with its default', () => {
    const lines = [...read('apps/sidecar/.env.example').matchAll(/^# ([A-Z_]+)=(.*)$/gm)];
    const shown = Object.fromEntries(lines.map(([, key, value]) => [key, value]));
    const defaults = Object.entries(new SidecarConfig()).map(([key, value]) => [key, String(value)]);
    expect(shown).toEqual({
      ...Object.fromEntries(defaults),
      ZMQ_PAIR: 'push-pull',
      CURVE_KEYS: 'keys',
      OTEL_EXPORTER_OTLP_CERTIFICATE: 'receiver-ca.pem',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318',
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20abc',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=desk',
      OTEL_SERVICE_NAME: 'sidecar',
      VPIN_BUCKET_VOLUME: '',
      API_TOKEN: '',
      API_TOKEN_FILE: 'token',
      DEAD_LETTER_FILE: 'dead-letters.ndjson',
      SIDECAR_STATE_DIR: 'state',
      SIDECAR_METRICS: 'metrics.yml',
      NATS_URL: 'nats://127.0.0.1:4222',
      NATS_CREDS: 'sidecar.creds',
      NATS_TLS_CA: 'ca.pem',
    });
  });
});
