import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { describeWith } from '../../../testing/installed.js';

const root = resolve(__dirname, '../../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

interface Service {
  image: string;
  build?: { target: 'sidecar' | 'publisher' };
  environment: Record<string, string>;
  volumes?: string[];
  depends_on?: Record<string, { condition: string }>;
  healthcheck?: { test: string[] };
  mem_limit?: string;
}

const { services } = parse(read('docker-compose.nats.yml'), { merge: true }) as {
  services: Record<string, Service>;
};
const named = (prefix: string) => Object.entries(services).filter(([name]) => name.startsWith(prefix));
const servers = named('nats-');
const sidecars = named('sidecar-');
const apps = Object.entries(services).filter(([, { build }]) => build !== undefined);
const configuration = read('deploy/nats/nats.conf');
const settingsOf = (app: string): string[] =>
  [...read(`apps/${app}/.env.example`).matchAll(/^(?:# )?([A-Z][A-Z_]+)=/gm)].map(([, key = '']) => key);

const addressOf = ([name, { environment }]: [string, Service]): string => `${name}:${environment['PORT']}`;
const targetsOf = (job: string): unknown => JSON.parse(read(`deploy/prometheus/docker/nats/${job}.json`));

describe('docker-compose.nats.yml', () => {
  it('has three servers that know each other, each with its own name and volume', () => {
    const names = servers.map(([name]) => name);
    expect(names).toHaveLength(3);
    for (const [name, { environment, volumes }] of servers) {
      expect(environment['SERVER_NAME']).toBe(name);
      expect(volumes).toContain(`${name}:/data`);
      expect(configuration).toContain(`nats://${name}:6222`);
    }
    expect(configuration).toContain('server_name: $SERVER_NAME');
    expect(configuration).toContain('store_dir: /data');
  });

  it.each(servers)(
    '%s has bounded memory, which its process knows, and says when it is healthy',
    (_, server) => {
      expect(server.mem_limit).toBe('1g');
      expect(server.environment['GOMEMLIMIT']).toBe('800MiB');
      expect(server.healthcheck?.test.join(' ')).toContain('/healthz');
      expect(configuration).toContain('http: 0.0.0.0:8222');
    },
  );

  it.each(apps)('%s is set by names that its app has, and knows every server', (_, app) => {
    const keys = Object.keys(app.environment);
    expect(keys.filter((key) => !settingsOf(app.build?.target ?? '').includes(key))).toEqual([]);
    expect(app.environment['NATS_URL']?.split(',')).toEqual(servers.map(([name]) => `nats://${name}:4222`));
    expect(app.environment['NATS_REPLICAS']).toBe('3');
    expect(Object.keys(app.depends_on ?? {})).toEqual(servers.map(([name]) => name));
  });

  it.each(sidecars)(
    '%s has no address of the other link, although its image has one',
    (_, { environment }) => {
      expect(read('deploy/docker/Dockerfile')).toMatch(/^ENV .*SIDECAR_ZMQ_BIND=/m);
      expect(environment['SIDECAR_ZMQ_BIND']).toBe('');
    },
  );

  it('gives each partition to one sidecar', () => {
    const shards = sidecars.map(([, { environment }]) => environment['SIDECAR_SHARD']);
    expect(shards).toEqual(sidecars.map((_, index) => `${index}/${sidecars.length}`));
  });

  it('tells Prometheus where the apps are', () => {
    expect(targetsOf('sidecar')).toEqual([{ targets: sidecars.map(addressOf) }]);
    expect(targetsOf('publisher')).toEqual([{ targets: named('publisher').map(addressOf) }]);
  });
});

describeWith('nats-server', 'deploy/nats/nats.conf', () => {
  it('is taken by a real server', () => {
    const { status, stderr } = spawnSync('nats-server', ['-t', '-c', join(root, 'deploy/nats/nats.conf')], {
      encoding: 'utf8',
      env: { ...process.env, SERVER_NAME: 'nats-1' },
    });
    expect(stderr).toContain('is valid');
    expect(status).toBe(0);
  });
});
