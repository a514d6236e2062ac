import { METRICS, type MetricDefinition } from '../../../libs/contracts/src/index.js';
import { about, PER_SECOND } from './known-load.js';
import type { PanelDefinition, Query, ValueRange } from './panel-definition.js';
import { sumOf, sumOfRates } from './promql-text.js';

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

/** Whether every accepted trade is acknowledged. */
export const acknowledgedPanels: readonly PanelDefinition[] = [
  {
    kind: 'number',
    title: 'Unacknowledged',
    description:
      'Trades that publishers keep until a sidecar acknowledges them. 0 when no trade is on its way. If the number stays high, a sidecar is down or too slow. Publishers that are down are not counted; they send their spool when they start again.',
    unit: 'suffix: trades',
    width: 6,
    provenAt: 'rest',
    queries: [{ expr: kept, legend: 'kept', expected: NONE }],
  },
  {
    kind: 'number',
    title: 'Oldest unacknowledged',
    description:
      'How long the oldest unacknowledged trade has waited. It rises by 1 s per second while nothing is acknowledged, and falls when trades are acknowledged faster than they arrived.',
    unit: 's',
    width: 6,
    provenAt: 'rest',
    queries: [{ expr: oldest, legend: 'age', expected: NONE }],
  },
  {
    kind: 'number',
    title: 'Credit',
    description:
      'How many trades each publisher may have on their way to its sidecar at once. 0 means: the link is down or denied, or DELIVERY is at-most-once. Credit does not measure how fast the sidecar is.',
    unit: 'suffix: trades',
    width: 6,
    queries: [{ expr: METRICS.deliveryCredit.name, legend: '{{instance}}', expected: [1, 100_000] }],
  },
  {
    kind: 'number',
    title: 'Producers',
    description: 'Producers with acknowledged delivery that are connected to sidecars now.',
    unit: 'locale',
    width: 6,
    queries: [{ expr: sumOf(METRICS.deliveryProducers.name), legend: 'connected', expected: [1, 1] }],
  },
];

/** Trades on their way, over time. */
export const backlogPanels: readonly PanelDefinition[] = [
  {
    kind: 'graph',
    title: 'Accepted, applied, acknowledged',
    description:
      'Trades per second. Applied above accepted: a backlog drains, or another producer sends too. Acknowledged stays below applied: some producers send without acknowledgement. Applied and acknowledged at 0 while trades are accepted: the sidecar is down, or cannot store positions (see "Failed").',
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
        legend: 'acknowledged',
        expected: about(PER_SECOND.trades),
      },
    ],
  },
  {
    kind: 'graph',
    title: 'Trades on their way',
    description:
      'Trades that publishers keep until they are acknowledged, and how many of these the sidecars received and have still to handle.',
    unit: 'suffix: trades',
    width: 12,
    queries: [
      { expr: kept, legend: 'kept by publishers', expected: A_SECOND },
      { expr: sumOf(METRICS.deliveryQueued.name), legend: 'received, not handled', expected: A_SECOND },
    ],
  },
  {
    kind: 'graph',
    title: 'Age of the oldest unacknowledged trade',
    description:
      'The highest age of all publishers. It rises by 1 s per second while nothing is acknowledged, and falls when trades are acknowledged faster than they were accepted.',
    unit: 's',
    width: 12,
    queries: [{ expr: oldest, legend: 'oldest', expected: [0, 1] }],
  },
  {
    kind: 'graph',
    title: 'Bytes kept',
    description:
      'Size of the unacknowledged trades of all publishers, in memory or on disk. Each publisher keeps at most SPOOL_MAX_BYTES on disk, or OUTBOX_MAX_BYTES in memory.',
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

/** What was repeated, and what failed. */
export const repairPanels: readonly PanelDefinition[] = [
  {
    kind: 'graph',
    title: 'Repeated',
    description:
      'Since the start of each app. A publisher sends trades again after a lost connection, and its whole spool after its own restart. A sidecar ignores events that it has handled before; after its own restart it needs kept state (SIDECAR_STATE_DIR) for that. A sidecar calls a failed handler again.',
    unit: 'suffix: events',
    width: 12,
    queries: [
      noneOf(METRICS.deliveryResent, 'sent again'),
      noneOf(METRICS.deliveryDuplicates, 'ignored as duplicates'),
      noneOf(METRICS.deliveryStale, 'from ended sessions'),
      noneOf(METRICS.deliveryRetries, 'handlers called again'),
    ],
  },
  {
    kind: 'graph',
    title: 'Failed',
    description:
      'Since the start of each app; 0 when all is well. Failed for good: trades that a sidecar rejected, or whose handler failed in all retries; see /dead-letters. Forgotten: trades that a sidecar acknowledged and no longer has in its state, as after a restored backup. Positions not stored: the sidecar acknowledges nothing meanwhile.',
    unit: 'suffix: times',
    width: 12,
    queries: [
      noneOf(METRICS.deliveryFailed, 'failed for good'),
      noneOf(METRICS.transportHandlerFailures, 'handler failures'),
      noneOf(METRICS.deliveryForgotten, 'forgotten by sidecars'),
      noneOf(METRICS.deliveryCommitFailures, 'positions not stored'),
      noneOf(METRICS.stateCommitFailures, 'states not written'),
    ],
  },
];

/** The state of sidecars with SIDECAR_STATE_DIR. */
export const statePanels: readonly PanelDefinition[] = [
  {
    kind: 'number',
    title: 'State last written',
    description:
      'Time since each sidecar wrote its counts and positions to disk. While trades are applied it stays under 2 s; without trades it grows.',
    unit: 's',
    width: 12,
    noValue: 'nothing written yet, or no SIDECAR_STATE_DIR',
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
    title: 'Commits per second',
    description:
      'How often sidecars write counts and positions to disk. Each commit holds what arrived since the previous one.',
    unit: 'suffix: commits/s',
    width: 12,
    queries: [
      { expr: sumOfRates(METRICS.stateCommits.name), legend: 'commits', expected: [0.5, PER_SECOND.trades] },
    ],
  },
];
