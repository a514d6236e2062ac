import { METRICS, type MetricDefinition } from '../../../libs/contracts/src/index.js';
import { about, PER_SECOND } from './known.load.js';
import type { PanelDefinition, Query, ValueRange } from './panel.definition.js';
import { sumOf, sumOfRates } from './promql.text.js';

const NONE: ValueRange = [0, 0];
/** A pause of either process shows for one scrape: at most a second of trades. */
const A_SECOND: ValueRange = [0, PER_SECOND.trades];
const BYTES_A_TRADE = 80;

/** A count that stays at zero in health. */
const noneOf = ({ name }: MetricDefinition, legend: string): Query => ({
  expr: sumOf(name),
  legend,
  expected: NONE,
});

const kept = sumOf(METRICS.spoolEvents.name);
const oldest = `max (${METRICS.spoolOldest.name})`;

/** Whether what was accepted is confirmed. */
export const confirmedPanels: readonly PanelDefinition[] = [
  {
    kind: 'number',
    title: 'Unconfirmed',
    description:
      'Trades that publishers accepted and keep until a sidecar confirms them. Zero when nothing is under way; many, for long: a sidecar is away or too slow. Publishers that are down are not among them; what they keep on disk they send when they are back.',
    unit: 'suffix: trades',
    width: 6,
    provenAt: 'rest',
    queries: [{ expr: kept, legend: 'kept', expected: NONE }],
  },
  {
    kind: 'number',
    title: 'Oldest of them',
    description:
      'How long the oldest unconfirmed trade has waited. Rising by a second a second: nothing is confirmed. Falling: trades are confirmed faster than they came.',
    unit: 's',
    width: 6,
    provenAt: 'rest',
    queries: [{ expr: oldest, legend: 'age', expected: NONE }],
  },
  {
    kind: 'number',
    title: 'Credit',
    description:
      'Trades that a publisher may have on their way to its sidecar at once, for each publisher. Zero: no sidecar is there, or it refuses this publisher, or DELIVERY is at-most-once. It says nothing of how fast the sidecar is.',
    unit: 'suffix: trades',
    width: 6,
    queries: [{ expr: METRICS.deliveryCredit.name, legend: '{{instance}}', expected: [1, 100_000] }],
  },
  {
    kind: 'number',
    title: 'Producers',
    description:
      'Publishers and other producers with acknowledged delivery that are connected to sidecars now.',
    unit: 'none',
    width: 6,
    queries: [{ expr: sumOf(METRICS.deliveryProducers.name), legend: 'connected', expected: [1, 1] }],
  },
];

/** What is on its way, over time. */
export const backlogPanels: readonly PanelDefinition[] = [
  {
    kind: 'graph',
    title: 'Accepted, applied, confirmed',
    description:
      'Trades a second. "Applied" above "accepted": a backlog drains, or another producer sends too. "Confirmed" below "applied" for long: some trades come from producers that ask for no confirmation. Both at zero while trades are accepted: the sidecar is away or cannot keep positions, see below.',
    unit: 'suffix: trades/s',
    width: 12,
    queries: [
      {
        expr: sumOfRates(METRICS.publisherAccepted.name),
        legend: 'accepted',
        expected: about(PER_SECOND.trades),
      },
      { expr: sumOfRates(METRICS.tradesTotal.name), legend: 'applied', expected: about(PER_SECOND.trades) },
      {
        expr: sumOfRates(METRICS.deliveryAcknowledged.name),
        legend: 'confirmed',
        expected: about(PER_SECOND.trades),
      },
    ],
  },
  {
    kind: 'graph',
    title: 'Under way',
    description:
      'Trades that publishers keep until they are confirmed, and those of them that sidecars have received and not yet handled.',
    unit: 'suffix: trades',
    width: 12,
    queries: [
      { expr: kept, legend: 'kept by publishers', expected: A_SECOND },
      { expr: sumOf(METRICS.deliveryQueued.name), legend: 'received by sidecars', expected: A_SECOND },
    ],
  },
  {
    kind: 'graph',
    title: 'Age of the oldest unconfirmed trade',
    description:
      'Of all publishers, the longest. It falls when trades are confirmed faster than they were accepted, and rises by a second a second while none is.',
    unit: 's',
    width: 12,
    queries: [{ expr: oldest, legend: 'oldest', expected: [0, 1] }],
  },
  {
    kind: 'graph',
    title: 'Bytes kept',
    description:
      'Of the unconfirmed trades of all publishers, in memory or on disk. The limit of each publisher is SPOOL_MAX_BYTES on disk, OUTBOX_MAX_BYTES in memory.',
    unit: 'bytes',
    width: 12,
    queries: [
      {
        expr: sumOf(METRICS.spoolBytes.name),
        legend: 'kept',
        expected: [0, PER_SECOND.trades * BYTES_A_TRADE],
      },
    ],
  },
];

/** What went less than smoothly. */
export const repairPanels: readonly PanelDefinition[] = [
  {
    kind: 'graph',
    title: 'Sent or tried again',
    description:
      'Since the start of each app. After a lost connection or confirmation trades are sent again, and after a restart of a publisher all that its spool kept. What the sidecar has already, it drops as a duplicate; after a restart it knows that with kept state only. A handler that fails is called again.',
    unit: 'suffix: events',
    width: 12,
    queries: [
      noneOf(METRICS.deliveryResent, 'sent again'),
      noneOf(METRICS.deliveryDuplicates, 'dropped as duplicates'),
      noneOf(METRICS.deliveryStale, 'of ended sessions'),
      noneOf(METRICS.deliveryRetries, 'handlers called again'),
    ],
  },
  {
    kind: 'graph',
    title: 'Failed for good, or not kept',
    description:
      'Since the start of each app; zero in health. Failed for good: refused, or failed after all retries, see /dead-letters. Forgotten: the sidecar has older state than it confirmed, as after a restored backup.',
    unit: 'suffix: times',
    width: 12,
    queries: [
      noneOf(METRICS.deliveryFailed, 'failed for good'),
      noneOf(METRICS.transportHandlerFailures, 'handler failures'),
      noneOf(METRICS.deliveryForgotten, 'forgotten by sidecars'),
      noneOf(METRICS.deliveryCommitFailures, 'positions not kept'),
      noneOf(METRICS.stateCommitFailures, 'states not written'),
    ],
  },
];

/** The state of sidecars with SIDECAR_STATE_DIR. */
export const statePanels: readonly PanelDefinition[] = [
  {
    kind: 'number',
    title: 'Last written',
    description:
      'Time since a sidecar wrote its counts and positions to disk, if it has since it started. It grows while nothing comes in; while trades are applied it stays under a second or two.',
    unit: 's',
    width: 12,
    noValue: 'nothing written since the start, or no SIDECAR_STATE_DIR',
    queries: [
      {
        expr: `time() - (${METRICS.stateLastCommit.name} > 0)`,
        legend: '{{instance}}',
        expected: [0, 3],
      },
    ],
  },
  {
    kind: 'number',
    title: 'Commits',
    description:
      'Times a second that counts and positions are written to disk together. One commit holds whatever came in since the one before.',
    unit: 'suffix:/s',
    width: 12,
    queries: [
      { expr: sumOfRates(METRICS.stateCommits.name), legend: 'commits', expected: [0.5, PER_SECOND.trades] },
    ],
  },
];
