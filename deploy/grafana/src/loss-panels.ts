import { METRICS } from '../../../libs/contracts/src/index.js';
import { KNOWN_LOAD, PER_SECOND } from './known-load.js';
import type { PanelDefinition } from './panel-definition.js';
import { sumOf, sumOfRates } from './promql-text.js';

/** What is refused, rejected or dropped, each by its reason. */
export const lossPanels: readonly PanelDefinition[] = [
  {
    kind: 'graph',
    title: 'Waiting, by app',
    description:
      'Publisher: events in its outbox; it holds 65,536 at most, unless OUTBOX_MAX_EVENTS says otherwise. Sidecar: events that its handlers work on.',
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
    description: 'Inputs per second that sidecars rejected. /dead-letters on the sidecar shows the inputs.',
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
    title: 'Refused by reason',
    description: 'Posted trades per second that publishers refused. The answer to each post says why.',
    unit: 'suffix: trades/s',
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
    title: 'Dropped by reason',
    description:
      'Since the start of each app. Publisher: events it dropped, for example because no sidecar was subscribed. Sidecar: what its transport rejected, such as messages that cannot be read; "Rejected by reason" includes these.',
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
