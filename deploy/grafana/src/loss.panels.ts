import { METRICS } from '../../../libs/contracts/src/index.js';
import { KNOWN_LOAD, PER_SECOND } from './known.load.js';
import type { PanelDefinition } from './panel.definition.js';
import { sumOf, sumOfRates } from './promql.text.js';

/** Everything that did not get through, each with its reason. */
export const lossPanels: readonly PanelDefinition[] = [
  {
    kind: 'graph',
    title: 'Waiting in the queues',
    description:
      'Events inside each app. The publisher keeps them while no sidecar is connected (65,536 at most, unless set otherwise); in the sidecar it is what is being handled.',
    unit: 'suffix: events',
    width: 12,
    queries: [
      {
        expr: sumOf(METRICS.transportQueueDepth.name, ['job']),
        legend: '{{job}}',
        // A pause of either process shows here for one scrape: at most a second of trades.
        expected: { publisher: [0, PER_SECOND.trades], sidecar: [0, PER_SECOND.trades] },
      },
    ],
  },
  {
    kind: 'graph',
    title: 'Rejected by reason',
    description:
      'Inputs that a sidecar did not apply, a second. The inputs themselves: /dead-letters on the sidecar.',
    unit: 'suffix: inputs/s',
    width: 12,
    queries: [
      {
        expr: `${sumOfRates(METRICS.eventsRejected.name, ['reason'])} > 0`,
        legend: '{{reason}}',
        expected: { malformed: [0, 1.5], invalid_qty: [0, 1.5] },
      },
    ],
    noValue: 'nothing rejected',
  },
  {
    kind: 'graph',
    title: 'Refused at the door, by reason',
    description:
      'Posts that a publisher did not accept, a second. Whoever posted was told why, in the answer.',
    unit: 'suffix: posts/s',
    width: 12,
    noValue: 'nothing refused',
    queries: [
      {
        expr: `${sumOfRates(METRICS.publisherRefused.name, ['reason'])} > 0`,
        legend: '{{reason}}',
        expected: [0.1, KNOWN_LOAD.badPostsPerSecond * 2],
      },
    ],
  },
  {
    kind: 'graph',
    title: 'Dropped by the transport, by reason',
    description:
      'Since the start. Publisher: events given up, for example because the queue was full. Sidecar: messages that were no events; they are in "Rejected by reason" too.',
    unit: 'suffix: events',
    width: 12,
    noValue: 'nothing dropped',
    queries: [
      {
        expr: `${sumOf(METRICS.transportDrops.name, ['job', 'reason'])} > 0`,
        legend: '{{job}}: {{reason}}',
        expected: { 'sidecar: malformed': [1, KNOWN_LOAD.seconds] },
      },
    ],
  },
];
