import type { IContainer } from 'kubernetes-models/v1/Container';
import type { IPodSpec } from 'kubernetes-models/v1/PodSpec';
import type { AppName } from '../../../testing/stack.js';

/** Where each app listens in its container. */
export const PORTS = { publisher: 8000, sidecar: 8001, zmq: 5555 } as const;
/** The folder of each app that outlives its container. */
export const KEPT = { publisher: '/app/var/spool', sidecar: '/app/var/state' } as const;
/** Where the component `secured` mounts keys and token. */
export const SECRETS = '/run/secrets/trading';

/** Longer than the drain (DRAIN_TIMEOUT_MS, 5 s) and the close of open streams. */
export const GRACE_SECONDS = 30;

/** The labels of everything of one app. */
export const labelsOf = (app: AppName): Record<string, string> => ({
  'app.kubernetes.io/name': app,
  'app.kubernetes.io/part-of': 'trading-telemetry',
});

/** Names that are made where pods run: the config map of an app's settings. */
export const settingsOf = (app: AppName): string => `${app}-settings`;

/**
 * One app's container: it reads its settings from a config map, has no rights, and writes nothing but what it keeps.
 * @param volume name of the volume with what it keeps; none with a broker, which keeps a sidecar's counts
 */
export function appContainer(app: AppName, volume: string | undefined): IContainer {
  const port = `${app}-http`;
  // Live: whether a restart would help. Ready: whether it would take the next event.
  const ask = (path: string) => ({ httpGet: { path, port }, timeoutSeconds: 3 });
  return {
    name: app,
    image: `trading-telemetry/${app}:0.1.0`,
    envFrom: [{ configMapRef: { name: settingsOf(app) } }],
    ports: [
      { name: port, containerPort: PORTS[app] },
      ...(app === 'sidecar' ? [{ name: 'zmq', containerPort: PORTS.zmq }] : []),
    ],
    // Reading a large spool or state takes its time.
    startupProbe: { ...ask('/health/live'), periodSeconds: 2, failureThreshold: 60 },
    livenessProbe: { ...ask('/health/live'), periodSeconds: 10, failureThreshold: 3 },
    readinessProbe: { ...ask('/health/ready'), periodSeconds: 5, failureThreshold: 2 },
    resources: { requests: { cpu: '100m', memory: '192Mi' }, limits: { memory: '1Gi' } },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    volumeMounts: volume === undefined ? [] : [{ name: volume, mountPath: KEPT[app] }],
  };
}

/** What all pods have: no rights, no credentials of the cluster, and time to drain. */
export const POD: Pick<
  IPodSpec,
  'automountServiceAccountToken' | 'enableServiceLinks' | 'securityContext' | 'terminationGracePeriodSeconds'
> = {
  automountServiceAccountToken: false,
  // Services would set variables such as SIDECAR_PORT, which are settings elsewhere.
  enableServiceLinks: false,
  terminationGracePeriodSeconds: GRACE_SECONDS,
  securityContext: {
    runAsNonRoot: true,
    runAsUser: 1000,
    runAsGroup: 1000,
    // New volumes become the group's.
    fsGroup: 1000,
    fsGroupChangePolicy: 'OnRootMismatch',
    seccompProfile: { type: 'RuntimeDefault' },
  },
};
