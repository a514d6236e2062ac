import { StatefulSet } from 'kubernetes-models/apps/v1/StatefulSet';
import type { IContainer } from 'kubernetes-models/v1/Container';
import type { IPersistentVolumeClaim } from 'kubernetes-models/v1/PersistentVolumeClaim';
import type { IPodSpec } from 'kubernetes-models/v1/PodSpec';
import type { AppName } from '../../../testing/stack.js';
import { appContainer, labelsOf, POD, settingsOf } from './app-container.js';

const claim = (name: string): IPersistentVolumeClaim => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '2Gi' } } },
});

/** Pods with numbers, each with its own volumes; several of them on different machines where there are some. */
function appSet(app: AppName, volumes: readonly string[], pod: IPodSpec): StatefulSet {
  const labels = labelsOf(app);
  return new StatefulSet({
    metadata: { name: app, labels },
    spec: {
      replicas: 1,
      serviceName: app,
      // None depends on the one before it.
      podManagementPolicy: 'Parallel',
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          ...POD,
          topologySpreadConstraints: [
            {
              maxSkew: 1,
              topologyKey: 'kubernetes.io/hostname',
              whenUnsatisfiable: 'ScheduleAnyway',
              labelSelector: { matchLabels: labels },
            },
          ],
          ...pod,
        },
      },
      volumeClaimTemplates: volumes.map(claim),
    },
  });
}

/** The publisher alone. Its spool is a volume: each has its own. */
export const publisherSet = (): StatefulSet =>
  appSet('publisher', ['spool'], { containers: [appContainer('publisher', 'spool')] });

/** The publisher with its sidecar in one pod. A native sidecar starts before it, and stops after it has drained. */
export const togetherSet = (): StatefulSet =>
  appSet('publisher', ['spool', 'state'], {
    initContainers: [{ ...appContainer('sidecar', 'state'), restartPolicy: 'Always' }],
    containers: [appContainer('publisher', 'spool')],
  });

/** The one sidecar behind ZeroMQ. Its counts are on a volume. */
export const sidecarSet = (): StatefulSet =>
  appSet('sidecar', ['state'], { containers: [appContainer('sidecar', 'state')] });

const POD_NAME = { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } };

/** Sidecars behind a broker, which keeps their counts: the pod's number is the INDEX of its share. */
export function shardedSidecarSet(): StatefulSet {
  const container: IContainer = {
    ...appContainer('sidecar', undefined),
    env: [
      POD_NAME,
      {
        name: 'SIDECAR_COUNT',
        valueFrom: { configMapKeyRef: { name: settingsOf('sidecar'), key: 'SIDECAR_COUNT' } },
      },
      { name: 'SIDECAR_SHARD', value: '$(POD_NAME)/$(SIDECAR_COUNT)' },
    ],
  };
  return appSet('sidecar', [], { containers: [container] });
}

/** The same whose COUNT follows the number of replicas, which it may read. */
export function followingSidecarSet(): StatefulSet {
  const container: IContainer = {
    ...appContainer('sidecar', undefined),
    command: ['node', 'follow-shards.mjs'],
    env: [POD_NAME],
  };
  return appSet('sidecar', [], {
    serviceAccountName: 'sidecar',
    automountServiceAccountToken: true,
    containers: [container],
  });
}
