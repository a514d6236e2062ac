import { METRICS } from '../../../libs/contracts/src/index.js';
import { about, KNOWN_LOAD, PER_SECOND, PROOF_PARTITIONS } from './known-load.js';
import type { PanelDefinition, ValueRange } from './panel-definition.js';
import { countOf, sumOf, sumOfRates } from './promql-text.js';

const NO_BROKER = 'no broker';
/** Messages of one second, at most one for each trade; a pause of a process shows for one scrape. */
const A_SECOND: ValueRange = [0, PER_SECOND.trades];
const byPartition = ({ name }: { readonly name: string }): string => `max by (partition) (${name})`;

/** Whether sidecars keep up. */
export const waitingPanels: readonly PanelDefinition[] = [
  {
    kind: 'number',
    title: 'Waiting',
    description:
      'Messages that the broker has stored and no sidecar has counted. A message holds the trades that were sent together. Messages of a partition without an owner do not count here.',
    unit: 'suffix: messages',
    width: 6,
    noValue: NO_BROKER,
    provenAt: 'rest',
    queries: [{ expr: sumOf(METRICS.brokerPending.name), legend: 'waiting', expected: [0, 0] }],
  },
  {
    kind: 'number',
    title: 'Lag',
    description:
      'Time since the broker stored the oldest waiting message. It rises by 1 s per second while a sidecar does nothing, and falls when it counts faster than trades arrive.',
    unit: 's',
    width: 6,
    noValue: NO_BROKER,
    provenAt: 'rest',
    queries: [{ expr: `max(${METRICS.brokerLag.name})`, legend: 'lag', expected: [0, 0] }],
  },
  {
    kind: 'number',
    title: 'Owned partitions',
    description:
      'Partitions that a sidecar handles. Below NATS_PARTITIONS: a sidecar is down, or has another SIDECAR_SHARD.',
    unit: 'locale',
    width: 6,
    noValue: NO_BROKER,
    queries: [
      {
        expr: `count(count by (partition) (${METRICS.brokerPending.name}))`,
        legend: 'partitions',
        expected: [PROOF_PARTITIONS, PROOF_PARTITIONS],
      },
    ],
  },
  {
    kind: 'number',
    title: 'Sidecars',
    description: 'Sidecars that handle at least one partition.',
    unit: 'locale',
    width: 6,
    noValue: NO_BROKER,
    queries: [
      {
        expr: `count(count by (instance) (${METRICS.brokerPending.name}))`,
        legend: 'sidecars',
        expected: [1, 1],
      },
    ],
  },
];

/** Which partitions fall behind. */
export const partitionPanels: readonly PanelDefinition[] = [
  {
    kind: 'graph',
    title: 'Waiting by partition',
    description:
      'Messages that wait, by partition. If one grows alone, its sidecar lost it, or a producer publishes only to it.',
    unit: 'suffix: messages',
    width: 8,
    queries: [{ expr: byPartition(METRICS.brokerPending), legend: '{{partition}}', expected: A_SECOND }],
  },
  {
    kind: 'graph',
    title: 'Lag by partition',
    description: 'Time since the broker stored the oldest waiting message of each partition.',
    unit: 's',
    width: 8,
    queries: [{ expr: byPartition(METRICS.brokerLag), legend: '{{partition}}', expected: [0, 5] }],
  },
  {
    kind: 'graph',
    title: 'Fetched and not acknowledged',
    description:
      'Messages that sidecars have fetched and not yet acknowledged, by partition. At its bound (256) while trades wait: the sidecar is the slow part. Near 0 while trades wait: the broker is.',
    unit: 'suffix: messages',
    width: 8,
    queries: [
      { expr: byPartition(METRICS.brokerUnacknowledged), legend: '{{partition}}', expected: [0, 256] },
    ],
  },
];

/** From the publishers to the counts. */
export const flowPanels: readonly PanelDefinition[] = [
  {
    kind: 'graph',
    title: 'Accepted and applied',
    description:
      'Trades per second that publishers accept, and that sidecars count. Applied above accepted: a backlog drains.',
    unit: 'suffix: trades/s',
    width: 12,
    queries: [
      {
        expr: sumOfRates(METRICS.publisherAccepted.name),
        legend: 'accepted',
        expected: about(PER_SECOND.trades),
      },
      {
        expr: sumOfRates(METRICS.tradesTotal.name),
        legend: 'applied',
        expected: about(PER_SECOND.trades, 0.4),
      },
    ],
  },
  {
    kind: 'graph',
    title: 'Trades by partition',
    description:
      'Trades that were counted, by partition; the count goes on when a partition moves to another sidecar. Publishers take partitions in turn: all grow alike.',
    unit: 'locale',
    width: 12,
    queries: [
      {
        expr: countOf(METRICS.tradesTotal.name, ['partition']),
        legend: '{{partition}}',
        expected: [1, PER_SECOND.trades * KNOWN_LOAD.seconds],
      },
    ],
  },
];
