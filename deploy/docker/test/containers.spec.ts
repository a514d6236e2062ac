import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';

// No Docker engine runs these tests: they hold the files to what a container run relies on.
const root = resolve(__dirname, '../../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

interface Service {
  image: string;
  build?: { dockerfile: string; target: string };
  command?: string[];
  ports: string[];
  volumes?: string[];
  environment: Record<string, string>;
  healthcheck?: { test: string[] };
  depends_on?: unknown;
  stop_grace_period?: string;
}

interface ComposeFile {
  name: string;
  services: Record<string, Service>;
  volumes?: Record<string, null>;
}

const compose = (path: string): ComposeFile => parse(read(path), { merge: true }) as ComposeFile;
const apps = compose('docker-compose.yml');
const infra = compose('docker-compose.infra.yml');
const nats = compose('docker-compose.nats.yml');
const dockerfile = read('deploy/docker/Dockerfile').replaceAll('\\\n', ' ');
const instructions = dockerfile.split('\n').filter((line) => /^[A-Z]+ /.test(line));
const stageOf = (name: string): string =>
  dockerfile.split(/^(?=FROM )/m).find((stage) => stage.includes(` AS ${name}\n`)) ?? '';

const files = [apps, infra, nats];
const services = files.flatMap((file) => Object.entries(file.services));
const mounts = Object.values(infra.services).flatMap((service) => service.volumes ?? []);
const mountedFolders = services
  .flatMap(([, { volumes = [] }]) => volumes)
  .filter((mount) => mount.startsWith('./'));

describe('the compose files', () => {
  it('share one project, so that they can be used together', () => {
    for (const { name } of files) expect(name).toBe(apps.name);
  });

  it.each(services)('%s has a pinned image', (_, service) => {
    expect(service.image).toMatch(/:v?\d+\.\d+\.\d+(-alpine)?$/);
  });

  it.each(services)('%s is published on the loopback only', (_, service) => {
    expect(service.ports.length).toBeGreaterThan(0);
    for (const port of service.ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
  });

  it.each(mountedFolders)('%s is there, read-only, and readable under SELinux', (mount) => {
    const [source = '', , mode] = mount.replace('${PROMETHEUS_TARGETS:-host}', 'host').split(':');
    expect(existsSync(join(root, source))).toBe(true);
    expect(mode).toBe('ro,z');
  });

  it('declare every volume that is used', () => {
    for (const file of files) {
      const used = Object.values(file.services)
        .flatMap(({ volumes }) => volumes ?? [])
        .filter((mount) => !mount.startsWith('./'))
        .map((mount) => mount.split(':')[0]);
      expect(used.sort()).toEqual(Object.keys(file.volumes ?? {}).sort());
    }
  });

  it('tell Prometheus the names and ports that the apps have in containers', () => {
    for (const [name, service] of Object.entries(apps.services)) {
      const targets = JSON.parse(read(`deploy/prometheus/docker/compose/${name}.json`)) as unknown;
      expect(targets).toEqual([{ targets: [`${name}:${service.environment.PORT}`] }]);
    }
  });

  it('let the publisher find the sidecar, and stop before it', () => {
    expect(apps.services.sidecar?.environment.SIDECAR_ZMQ_BIND).toBe('tcp://0.0.0.0:5555');
    expect(apps.services.publisher?.environment.WEBAPP_ZMQ_ADDR).toBe('tcp://sidecar:5555');
    expect(apps.services.publisher?.depends_on).toEqual(['sidecar']);
  });

  it.each([
    ['sidecar', 'SIDECAR_STATE_DIR'],
    ['publisher', 'SPOOL_DIR'],
  ] as const)('give the %s a volume in a folder that its user may write to', (name, setting) => {
    const { environment = {}, volumes = [] }: Partial<Service> = apps.services[name] ?? {};
    const folder = environment[setting] ?? '';
    expect(volumes.map((mount) => mount.split(':')[1])).toEqual([folder]);
    const made = /^RUN mkdir -p (.*) && chown -R node:node var$/m.exec(stageOf('runtime'))?.[1]?.split(' ');
    expect(made?.map((path) => `/app/${path}`)).toContain(folder);
    expect(environment.DELIVERY).toBe('${DELIVERY:-at-most-once}');
  });

  it.each(Object.entries(apps.services))('%s has more time to stop than its drain takes', (_, service) => {
    expect(Number.parseInt(service.stop_grace_period ?? '', 10)).toBeGreaterThan(5);
  });

  it('let Grafana refresh every second and find its data source', () => {
    const environment = infra.services.grafana?.environment ?? {};
    expect(environment.GF_DASHBOARDS_MIN_REFRESH_INTERVAL).toBe('1s');
    expect(read('deploy/grafana/provisioning/datasources/prometheus.yml')).toContain(
      'url: ${PROMETHEUS_URL}',
    );
    expect(environment.PROMETHEUS_URL).toBe('http://prometheus:9090');
  });

  it('mount the dashboards where the provider looks for them', () => {
    const provider = parse(read('deploy/grafana/provisioning/dashboards/trading.yml')) as {
      providers: { options: { path: string } }[];
    };
    const [path] = provider.providers.map((entry) => entry.options.path);
    expect(mounts).toContain(`./deploy/grafana/dashboards:${path}:ro,z`);
  });
});

describe('the shared-network variant for Linux', () => {
  // `!reset` is Compose's own tag; the parser only has to let it pass.
  const linux = parse(read('deploy/docker/infra.linux.yml'), {
    customTags: [{ tag: '!reset', collection: 'seq', resolve: (value) => value }],
  }) as ComposeFile;

  it('listens on the loopback only, and scrapes the apps there', () => {
    expect(linux.services.prometheus?.command).toEqual([
      ...(infra.services.prometheus?.command ?? []),
      '--web.listen-address=127.0.0.1:9090',
    ]);
    expect(linux.services.grafana?.environment.GF_SERVER_HTTP_ADDR).toBe('127.0.0.1');
    expect(linux.services.prometheus?.volumes).toEqual([
      './deploy/prometheus/targets:/etc/prometheus/targets:ro,z',
    ]);
  });
});

describe('the Dockerfile', () => {
  const fromContext = instructions
    .filter((line) => line.startsWith('COPY ') && !line.includes('--from='))
    .flatMap((line) => line.split(' ').slice(1, -1));

  it('starts from images by tag and digest', () => {
    const images = instructions
      .filter((line) => /^ARG (?:NODE|DEBIAN)_IMAGE=/.test(line))
      .map((line) => line.split('=')[1]);
    expect(images).toHaveLength(2);
    for (const image of images)
      expect(image).toMatch(/^(?:node:22|debian):?-?bookworm-slim@sha256:[0-9a-f]{64}$/);
    const bases = instructions.filter((line) => line.startsWith('FROM ')).map((line) => line.split(' ')[1]);
    expect(bases).toEqual(['${NODE_IMAGE}', '${DEBIAN_IMAGE}', 'runtime', 'runtime']);
  });

  it.each(fromContext)('copies %s, which exists and is sent to the builder', (source) => {
    const path = source.replace('./', '');
    expect(existsSync(join(root, path))).toBe(true);
    expect(read('.dockerignore').split('\n')).toContain(`!${path}`);
  });

  it.each(Object.entries(apps.services))(
    'runs %s as the build leaves it, without a shell, not as root',
    (name, service) => {
      expect(service.build).toEqual({ context: '.', dockerfile: 'deploy/docker/Dockerfile', target: name });
      const stage = stageOf(name);
      expect(stage).toContain(`COPY --from=build /app/dist/apps/${name} ./dist/apps/${name}\n`);
      expect(stage).toContain(`ENTRYPOINT ["node", "dist/apps/${name}/apps/${name}/src/main.js"]`);
      // A restart must not be what a full outbox leads to.
      expect(stage).toMatch(/^HEALTHCHECK .* CMD \["node", .*\/health\/live'/m);
      expect(stage).toMatch(/^FROM runtime /);
      expect(stageOf('runtime')).toContain('\nUSER node\n');
    },
  );

  it('has the same entry as the start scripts', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    for (const name of Object.keys(apps.services)) {
      const words = scripts[`start:${name}`]?.split(' ') ?? [];
      const entry = words.find((word) => word.endsWith('/main.js')) ?? 'no start script';
      expect(stageOf(name)).toContain(`ENTRYPOINT ["node", "${entry}"]`);
    }
  });
});
