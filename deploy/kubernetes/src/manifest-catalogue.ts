// All files of deploy/kubernetes, from which `kubectl kustomize` makes what is applied.
import { stringify } from 'yaml';
import type { AppName } from '../../../testing/stack.js';
import { SECRETS, settingsOf } from './app-container.js';
import { followingSidecarSet, publisherSet, shardedSidecarSet, sidecarSet, togetherSet } from './app-sets.js';
import {
  budgetOf,
  monitorOf,
  publisherPolicy,
  publisherService,
  replicaReader,
  sidecarPolicy,
  sidecarScaling,
  sidecarService,
  togetherPolicy,
} from './surroundings.js';

/** An object of Kubernetes that can say whether it is one. */
export interface Manifest {
  validate(): void;
  toJSON(): unknown;
}

type Settings = Readonly<Record<string, string>>;

/** A folder that `kubectl kustomize` renders. */
export interface ManifestFolder {
  readonly about: string;
  readonly isComponent?: boolean;
  /** Other folders, from here. */
  readonly resources?: readonly string[];
  /** Its own files, each with its objects. */
  readonly files?: Readonly<Record<string, readonly Manifest[]>>;
  readonly settings?: Readonly<Partial<Record<AppName, Settings>>>;
  readonly replicas?: Readonly<Partial<Record<AppName, number>>>;
  readonly patches?: readonly object[];
}

const DURABLE: Settings = { DELIVERY: 'durable' };
const PUBLISHER: Settings = { HOST: '0.0.0.0', PORT: '8000', SENT_TIME: 'true' };
const SIDECAR: Settings = { HOST: '0.0.0.0', PORT: '8001' };
const SIDECAR_COUNT = 2;
/** NATS has its own chart; this is the address that it gives to three servers in the namespace `nats`. */
const BROKER: Settings = { NATS_URL: 'nats://nats.nats:4222', NATS_PARTITIONS: '8', NATS_REPLICAS: '3' };

/** Names that the publisher calls sidecars by, for the page. */
const FIRST_SIDECAR = 'sidecar-0.sidecar';

const jetStreamSettings = (count: Settings): ManifestFolder['settings'] => ({
  publisher: { ...PUBLISHER, ...BROKER, ...DURABLE, SIDECAR_HTTP_URL: `http://${FIRST_SIDECAR}:8001` },
  // The image has an address of the ZeroMQ link; a sidecar has one link.
  sidecar: { ...SIDECAR, ...BROKER, ...count, SIDECAR_ZMQ_BIND: '', ALLOWED_HOSTS: FIRST_SIDECAR },
});

const sidecarFiles = {
  'services.yaml': [sidecarService()],
  'around-sidecar.yaml': [budgetOf('sidecar'), sidecarPolicy()],
};

/** Mounts the secret of an app, made by hand, and says where. */
function secretPatch(app: AppName, items: readonly (readonly [key: string, path: string])[]): object {
  const container = {
    name: app,
    env: [
      { name: 'API_TOKEN_FILE', value: `${SECRETS}/token` },
      ...(items.length > 1 ? [{ name: 'CURVE_KEYS', value: SECRETS }] : []),
    ],
    volumeMounts: [{ name: 'secrets', mountPath: SECRETS, readOnly: true }],
  };
  const patch = {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: app },
    spec: {
      template: {
        spec: {
          containers: [container],
          volumes: [
            {
              name: 'secrets',
              secret: {
                secretName: `${app}-secrets`,
                // The apps' group may read them, nobody else.
                defaultMode: 0o440,
                items: items.map(([key, path]) => ({ key, path })),
              },
            },
          ],
        },
      },
    },
  };
  return { target: { kind: 'StatefulSet', name: app }, patch: stringify(patch) };
}

const TOKEN = ['token', 'token'] as const;

/** Each folder by its path. */
export const FOLDERS: Readonly<Record<string, ManifestFolder>> = {
  base: {
    about: 'The publisher, for every overlay whose sidecars have their own pods.',
    files: {
      'publisher.yaml': [publisherSet(), publisherService(), budgetOf('publisher'), publisherPolicy()],
    },
  },
  'overlays/apart': {
    about: 'Publisher and sidecar in pods of their own, over ZeroMQ; each trade is counted once.',
    resources: ['../../base'],
    files: { 'sidecar.yaml': [sidecarSet()], ...sidecarFiles },
    settings: {
      publisher: {
        ...PUBLISHER,
        ...DURABLE,
        WEBAPP_ZMQ_ADDR: `tcp://${FIRST_SIDECAR}:5555`,
        SIDECAR_HTTP_URL: `http://${FIRST_SIDECAR}:8001`,
      },
      sidecar: {
        ...SIDECAR,
        ...DURABLE,
        SIDECAR_ZMQ_BIND: 'tcp://0.0.0.0:5555',
        SIDECAR_STATE_DIR: '/app/var/state',
        ALLOWED_HOSTS: FIRST_SIDECAR,
      },
    },
  },
  'overlays/together': {
    about:
      'One pod: the sidecar beside its publisher as a native sidecar container (Kubernetes 1.29), over the loopback.',
    files: {
      'publisher.yaml': [togetherSet(), publisherService(), budgetOf('publisher'), togetherPolicy()],
      // Only to be scraped.
      'services.yaml': [sidecarService('publisher')],
    },
    settings: {
      publisher: {
        ...PUBLISHER,
        ...DURABLE,
        WEBAPP_ZMQ_ADDR: 'tcp://127.0.0.1:5555',
        SIDECAR_HTTP_URL: 'http://127.0.0.1:8001',
      },
      sidecar: {
        ...SIDECAR,
        ...DURABLE,
        SIDECAR_ZMQ_BIND: 'tcp://127.0.0.1:5555',
        SIDECAR_STATE_DIR: '/app/var/state',
      },
    },
  },
  'overlays/jetstream': {
    about:
      'Two publishers and two sidecars behind NATS JetStream. SIDECAR_COUNT and the replicas of the sidecar are one number.',
    resources: ['../../base'],
    files: { 'sidecar.yaml': [shardedSidecarSet()], ...sidecarFiles },
    settings: jetStreamSettings({ SIDECAR_COUNT: String(SIDECAR_COUNT) }),
    replicas: { publisher: 2, sidecar: SIDECAR_COUNT },
  },
  'overlays/autoscaled': {
    about: 'The same, scaled to the load by KEDA; each sidecar follows the number of replicas.',
    resources: ['../../base'],
    files: {
      'sidecar.yaml': [followingSidecarSet(), ...replicaReader(), sidecarScaling()],
      ...sidecarFiles,
    },
    settings: jetStreamSettings({}),
    replicas: { publisher: 2, sidecar: SIDECAR_COUNT },
  },
  'components/monitored': {
    about: 'Monitors for the Prometheus operator.',
    isComponent: true,
    files: { 'monitors.yaml': [monitorOf('publisher', '/metrics'), monitorOf('sidecar', '/metrics/')] },
  },
  'components/secured': {
    about:
      'For overlays/apart: CURVE keys and the token, of the secrets publisher-secrets and sidecar-secrets.',
    isComponent: true,
    patches: [
      secretPatch('publisher', [
        TOKEN,
        ['server.pub', 'server.pub'],
        ['publisher.key', 'clients/publisher.key'],
      ]),
      secretPatch('sidecar', [
        TOKEN,
        ['server.key', 'server.key'],
        ['publisher.pub', 'allowed/publisher.pub'],
      ]),
    ],
  },
  'components/token': {
    about: 'For overlays behind NATS: the token, of the secrets publisher-secrets and sidecar-secrets.',
    isComponent: true,
    patches: [secretPatch('publisher', [TOKEN]), secretPatch('sidecar', [TOKEN])],
  },
};

function kustomization(folder: ManifestFolder): object {
  const {
    isComponent = false,
    resources = [],
    files = {},
    settings = {},
    replicas = {},
    patches = [],
  } = folder;
  const all = [...resources, ...Object.keys(files)];
  const maps = Object.entries(settings).map(([app, values]) => ({
    name: settingsOf(app as AppName),
    literals: Object.entries(values).map(([key, value]) => `${key}=${value}`),
  }));
  return {
    apiVersion: isComponent ? 'kustomize.config.k8s.io/v1alpha1' : 'kustomize.config.k8s.io/v1beta1',
    kind: isComponent ? 'Component' : 'Kustomization',
    ...(all.length > 0 ? { resources: all } : {}),
    ...(maps.length > 0 ? { configMapGenerator: maps } : {}),
    ...(Object.keys(replicas).length > 0
      ? { replicas: Object.entries(replicas).map(([name, count]) => ({ name, count })) }
      : {}),
    ...(patches.length > 0 ? { patches } : {}),
  };
}

/** A YAML file of objects; `npm run manifests:build` wrote it. */
const fileOf = (objects: readonly object[], about = 'Written by npm run manifests:build.'): string =>
  `# ${about}\n${objects.map((object) => stringify(object, { lineWidth: 0, aliasDuplicateObjects: false, singleQuote: true })).join('---\n')}`;

/** Every file by its path below deploy/kubernetes. */
export function manifestFiles(): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  for (const [path, folder] of Object.entries(FOLDERS)) {
    texts.set(
      `${path}/kustomization.yaml`,
      fileOf([kustomization(folder)], `${folder.about} Written by npm run manifests:build.`),
    );
    for (const [name, objects] of Object.entries(folder.files ?? {}))
      texts.set(`${path}/${name}`, fileOf(objects.map((object) => object.toJSON() as object)));
  }
  return texts;
}
