// What stands around the apps' pods: names, who may reach whom, what may be taken away, who looks, and who scales.
import { ScaledObject } from '@kubernetes-models/keda/keda.sh/v1alpha1/ScaledObject';
import { ServiceMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/ServiceMonitor';
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget';
import { Role } from 'kubernetes-models/rbac.authorization.k8s.io/v1/Role';
import { RoleBinding } from 'kubernetes-models/rbac.authorization.k8s.io/v1/RoleBinding';
import { Service } from 'kubernetes-models/v1/Service';
import { ServiceAccount } from 'kubernetes-models/v1/ServiceAccount';
import type { AppName } from '../../../testing/stack.js';
import { labelsOf, PORTS } from './app-container.js';

/** A pod of each kind may be taken away at a time; one that is not ready always. */
export const budgetOf = (app: AppName): PodDisruptionBudget =>
  new PodDisruptionBudget({
    metadata: { name: app, labels: labelsOf(app) },
    spec: {
      maxUnavailable: 1,
      selector: { matchLabels: labelsOf(app) },
      unhealthyPodEvictionPolicy: 'AlwaysAllow',
    },
  });

/** One address for all publishers. */
export const publisherService = (): Service =>
  new Service({
    metadata: { name: 'publisher', labels: labelsOf('publisher') },
    spec: {
      selector: labelsOf('publisher'),
      ports: [{ name: 'http', port: PORTS.publisher, targetPort: PORTS.publisher }],
    },
  });

/**
 * The sidecars by name, `sidecar-0.sidecar`: ZeroMQ needs to know which one it talks to.
 * @param app whose pods the sidecar is in
 */
export const sidecarService = (app: AppName = 'sidecar'): Service =>
  new Service({
    metadata: { name: 'sidecar', labels: labelsOf('sidecar') },
    spec: {
      clusterIP: 'None',
      // Its name must be there before it is ready: the publisher connects by it.
      publishNotReadyAddresses: true,
      selector: labelsOf(app),
      ports: [
        { name: 'http', port: PORTS.sidecar, targetPort: PORTS.sidecar },
        { name: 'zmq', port: PORTS.zmq, targetPort: PORTS.zmq },
      ],
    },
  });

/** Namespaces that may scrape: those with this label. */
const SCRAPERS = { namespaceSelector: { matchLabels: { 'trading-telemetry/scrapes': 'true' } } };

/** Everybody may post; whoever reaches the cluster's addresses passes an ingress first. */
export const publisherPolicy = (): NetworkPolicy =>
  new NetworkPolicy({
    metadata: { name: 'publisher', labels: labelsOf('publisher') },
    spec: {
      podSelector: { matchLabels: labelsOf('publisher') },
      policyTypes: ['Ingress'],
      ingress: [{ ports: [{ port: PORTS.publisher }] }],
    },
  });

/** Publishers send and ask; whoever scrapes asks. Neither ZeroMQ's port nor HTTP's is open to anybody else. */
export const sidecarPolicy = (): NetworkPolicy =>
  new NetworkPolicy({
    metadata: { name: 'sidecar', labels: labelsOf('sidecar') },
    spec: {
      podSelector: { matchLabels: labelsOf('sidecar') },
      policyTypes: ['Ingress'],
      ingress: [
        {
          from: [{ podSelector: { matchLabels: labelsOf('publisher') } }],
          ports: [{ port: PORTS.zmq }, { port: PORTS.sidecar }],
        },
        { from: [SCRAPERS], ports: [{ port: PORTS.sidecar }] },
      ],
    },
  });

/** In one pod the sidecar is reached over the loopback, and from outside only to be scraped. */
export const togetherPolicy = (): NetworkPolicy =>
  new NetworkPolicy({
    metadata: { name: 'publisher', labels: labelsOf('publisher') },
    spec: {
      podSelector: { matchLabels: labelsOf('publisher') },
      policyTypes: ['Ingress'],
      ingress: [
        { ports: [{ port: PORTS.publisher }] },
        { from: [SCRAPERS], ports: [{ port: PORTS.sidecar }] },
      ],
    },
  });

/** The operator's Prometheus gives the series the names of jobs that the rules and dashboards ask for. */
export const monitorOf = (app: AppName, path: string): ServiceMonitor =>
  new ServiceMonitor({
    metadata: { name: app, labels: labelsOf(app) },
    spec: {
      jobLabel: 'app.kubernetes.io/name',
      selector: { matchLabels: labelsOf(app) },
      endpoints: [{ port: 'http', path, interval: '5s', scrapeTimeout: '5s' }],
    },
  });

/** Reads how many sidecars there are, and nothing else. */
export function replicaReader(): [ServiceAccount, Role, RoleBinding] {
  const metadata = { name: 'sidecar', labels: labelsOf('sidecar') };
  return [
    new ServiceAccount({ metadata }),
    new Role({
      metadata,
      rules: [
        { apiGroups: ['apps'], resources: ['statefulsets'], resourceNames: ['sidecar'], verbs: ['get'] },
      ],
    }),
    new RoleBinding({
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'sidecar' },
      subjects: [{ kind: 'ServiceAccount', name: 'sidecar' }],
    }),
  ];
}

/** Where the operator's Prometheus is. */
const PROMETHEUS = 'http://prometheus-operated.monitoring:9090';
/** No more sidecars than this have two partitions each of the eight. */
const MOST_SIDECARS = 4;

/**
 * Sidecars by what waits for them. Lag alone would take a sidecar away as soon as nothing waits, and bring it back at once:
 * the processor time says how many the present load needs, so the larger number holds.
 */
export const sidecarScaling = (): ScaledObject =>
  new ScaledObject({
    metadata: { name: 'sidecar', labels: labelsOf('sidecar') },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'sidecar' },
      minReplicaCount: 2,
      maxReplicaCount: MOST_SIDECARS,
      pollingInterval: 15,
      advanced: {
        // Each change stops all sidecars for a moment.
        horizontalPodAutoscalerConfig: {
          behavior: {
            scaleUp: {
              stabilizationWindowSeconds: 60,
              policies: [{ type: 'Pods', value: 2, periodSeconds: 60 }],
            },
            scaleDown: {
              stabilizationWindowSeconds: 900,
              policies: [{ type: 'Pods', value: 1, periodSeconds: 300 }],
            },
          },
        },
      },
      triggers: [
        {
          type: 'prometheus',
          // As it is: more than ten seconds behind.
          metricType: 'Value',
          metadata: {
            serverAddress: PROMETHEUS,
            query: 'max(trading_broker_lag_seconds) or vector(0)',
            threshold: '10',
          },
        },
        {
          type: 'prometheus',
          // A sidecar: 0.6 of a processor.
          metricType: 'AverageValue',
          metadata: {
            serverAddress: PROMETHEUS,
            query: 'sum(rate(process_cpu_seconds_total{job="sidecar"}[2m])) or vector(0)',
            threshold: '0.6',
          },
        },
      ],
    },
  });
