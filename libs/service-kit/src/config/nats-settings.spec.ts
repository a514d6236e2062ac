import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from './config-loader.js';
import { natsOptions, NatsSettings } from './nats-settings.js';

const load = (env: NodeJS.ProcessEnv) => loadConfig(NatsSettings, { envFile: 'none.env', env });
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nats-settings-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}

describe('natsOptions', () => {
  it('has none without NATS_URL', () => {
    expect(natsOptions(load({}))).toBeUndefined();
  });

  it('takes the servers of a cluster, and a stream of eight partitions', () => {
    expect(natsOptions(load({ NATS_URL: 'nats://a:4222, nats://b:4222' }))).toEqual({
      servers: ['nats://a:4222', 'nats://b:4222'],
      stream: { name: 'TRADES', partitions: 8, replicas: 1 },
    });
  });

  it('reads credentials and certificates from their files', () => {
    const env = {
      NATS_URL: 'tls://a:4222',
      NATS_CREDS: file('user.creds', 'secret\n'),
      NATS_TLS_CA: file('ca.pem', '-----BEGIN CERTIFICATE-----\n'),
    };
    expect(natsOptions(load(env))).toMatchObject({
      credentials: 'secret',
      tls: { ca: '-----BEGIN CERTIFICATE-----\n' },
    });
  });
});

describe('NatsSettings', () => {
  it.each([
    ['NATS_STREAM', 'a.b', 'letters, digits'],
    ['NATS_PARTITIONS', '0', 'less than 1'],
    ['NATS_PARTITIONS', '257', 'greater than 256'],
    ['NATS_REPLICAS', '2', '1, 3, 5'],
    ['NATS_CREDS', 'no-such-file', 'cannot be read (ENOENT)'],
    ['NATS_TLS_CA', 'no-such-file', 'cannot be read (ENOENT)'],
  ])('refuses %s=%s', (key, value, words) => {
    expect(() => load({ [key]: value })).toThrow(words);
  });

  it('refuses a certificate file that holds none', () => {
    expect(() => load({ NATS_TLS_CA: file('ca.pem', 'text') })).toThrow('not a PEM file');
  });
});
