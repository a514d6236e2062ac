// What `kubectl kustomize` makes of the overlays: by kubectl itself, each object checked again, and its references too.
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { ScaledObject } from '@kubernetes-models/keda/keda.sh/v1alpha1/ScaledObject';
import { ServiceMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/ServiceMonitor';
import { StatefulSet } from 'kubernetes-models/apps/v1/StatefulSet';
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget';
import { Role } from 'kubernetes-models/rbac.authorization.k8s.io/v1/Role';
import { RoleBinding } from 'kubernetes-models/rbac.authorization.k8s.io/v1/RoleBinding';
import { ConfigMap } from 'kubernetes-models/v1/ConfigMap';
import { Service } from 'kubernetes-models/v1/Service';
import { ServiceAccount } from 'kubernetes-models/v1/ServiceAccount';
import { parseAllDocuments } from 'yaml';
import { ScratchFolder } from '../../../testing/folder.js';
import { describeWhen } from '../../../testing/installed.js';

const folder = resolve(__dirname, '..');
const MODELS: Readonly<Record<string, new (data: never) => { validate(): void }>> = {
  ConfigMap,
  NetworkPolicy,
  PodDisruptionBudget,
  Role,
  RoleBinding,
  ScaledObject,
  Service,
  ServiceAccount,
  ServiceMonitor,
  StatefulSet,
};

interface Container {
  name: string;
  ports: { name: string; containerPort: number }[];
  envFrom: { configMapRef: { name: string } }[];
  env?: { name: string; value?: string; valueFrom?: { configMapKeyRef?: { name: string; key: string } } }[];
  volumeMounts?: { name: string; mountPath: string }[];
}

interface Rendered {
  kind: string;
  metadata: { name: string };
  data?: Record<string, string>;
  spec?: {
    selector?: unknown;
    ports?: { targetPort: number }[];
    volumeClaimTemplates?: { metadata: { name: string } }[];
    template?: {
      metadata: { labels: Record<string, string> };
      spec: { containers: Container[]; initContainers?: Container[]; volumes?: { name: string }[] };
    };
  };
}

/** Kustomize 5 is in kubectl from 1.27; Debian 12 has 1.20. */
const version =
  spawnSync('kubectl', ['version', '--client', '-o', 'json'], { encoding: 'utf8' }).stdout ?? '';
const minor = Number(/"minor": "(\d+)/.exec(version)?.[1] ?? 0);

function render(path: string): Rendered[] {
  const { status, stdout, stderr } = spawnSync('kubectl', ['kustomize', path], { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return parseAllDocuments(stdout).map((document) => document.toJS() as Rendered);
}

/** @throws with what is wrong with an object */
function check(object: Rendered): void {
  const Model = MODELS[object.kind];
  if (Model === undefined) throw new Error(`there is no model of a ${object.kind}`);
  new Model(object as never).validate();
}

const containersOf = ({ spec }: Rendered): Container[] => [
  ...(spec?.template?.spec.initContainers ?? []),
  ...(spec?.template?.spec.containers ?? []),
];

/** Names that lead nowhere. */
function danglingIn(objects: readonly Rendered[]): string[] {
  const maps = new Map(
    objects.filter(({ kind }) => kind === 'ConfigMap').map((map) => [map.metadata.name, map]),
  );
  const sets = objects.filter(({ kind }) => kind === 'StatefulSet');
  const inSets = sets.flatMap((set) =>
    containersOf(set).flatMap(({ name, envFrom, env = [], volumeMounts = [] }) => {
      const keys = env.flatMap(({ valueFrom }) => valueFrom?.configMapKeyRef ?? []);
      const volumes = [
        ...(set.spec?.volumeClaimTemplates ?? []).map(({ metadata }) => metadata.name),
        ...(set.spec?.template?.spec.volumes ?? []).map((volume) => volume.name),
      ];
      return [
        ...envFrom.map(({ configMapRef }) => configMapRef.name).filter((map) => !maps.has(map)),
        ...keys.filter((ref) => maps.get(ref.name)?.data?.[ref.key] === undefined).map(({ key }) => key),
        ...volumeMounts.map((mount) => mount.name).filter((volume) => !volumes.includes(volume)),
      ].map((what) => `${name}: ${what}`);
    }),
  );
  const inServices = objects
    .filter(({ kind }) => kind === 'Service')
    .flatMap(({ metadata, spec }) => {
      const set = sets.find(
        (candidate) =>
          JSON.stringify(candidate.spec?.template?.metadata.labels) === JSON.stringify(spec?.selector),
      );
      const open = set === undefined ? [] : containersOf(set).flatMap(({ ports }) => ports);
      return (spec?.ports ?? [])
        .filter(({ targetPort }) => !open.some(({ containerPort }) => containerPort === targetPort))
        .map(({ targetPort }) => `${metadata.name}: ${targetPort}`);
    });
  return [...inSets, ...inServices];
}

describeWhen(minor >= 27, 'kubectl kustomize', 'kubectl 1.27 or newer is not installed', () => {
  const scratch = new ScratchFolder('kustomize-');
  afterAll(() => scratch.remove());

  /** An overlay of a user's own, with components. */
  function withComponents(overlay: string, components: readonly string[]): string {
    const own = join(scratch.path, [overlay, ...components].join('-'));
    mkdirSync(own, { recursive: true });
    const from = (path: string): string => relative(own, join(folder, path));
    const lines = [
      'apiVersion: kustomize.config.k8s.io/v1beta1',
      'kind: Kustomization',
      `resources: [${from(`overlays/${overlay}`)}]`,
      `components: [${components.map((name) => from(`components/${name}`)).join(', ')}]`,
    ];
    writeFileSync(join(own, 'kustomization.yaml'), lines.join('\n'));
    return own;
  }

  it.each([
    ['apart', []],
    ['apart', ['monitored', 'secured']],
    ['together', []],
    ['together', ['monitored']],
    ['jetstream', []],
    ['jetstream', ['monitored', 'token']],
    ['autoscaled', ['monitored', 'token']],
  ])('makes of overlay %s with %j what the cluster takes', (overlay, components) => {
    const objects = render(
      components.length === 0 ? join(folder, 'overlays', overlay) : withComponents(overlay, components),
    );
    expect(objects.length).toBeGreaterThan(4);
    for (const object of objects) expect(() => check(object)).not.toThrow();
    expect(danglingIn(objects)).toEqual([]);
  });

  it('finds a name that leads nowhere', () => {
    const objects = render(join(folder, 'overlays/jetstream'));
    expect(danglingIn(objects.filter(({ kind }) => kind !== 'ConfigMap'))).toContain(
      'sidecar: SIDECAR_COUNT',
    );
  });
});
