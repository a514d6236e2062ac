import { METRICS } from '../../../libs/contracts/src/index.js';
import { about, PER_SECOND } from './known.load.js';
import type { PanelDefinition, ValueRange } from './panel.definition.js';
import { sumOf, sumOfRates } from './promql.text.js';

const NONE: ValueRange = [0, 0];
/** A pause of either process shows for one scrape: at most a second of trades. */
const A_SECOND: ValueRange = [0, PER_SECOND.trades];
const BYTES_A_TRADE = 80;

const kept = sumOf(METRICS.spoolEvents.name);
const oldest = `max (${METRICS.spoolOldest.name})`;

/** Whether what was accepted is confirmed. */
export const confirmedPanels: readonly PanelDefinition[] = [
  {
    kind: 'number',
    title: 'Unconfirmed',
    description:
      'Trades that publishers accepted and keep until a sidecar confirms them. Zero when nothing is under way; many, for long: a sidecar is away or too slow.',
    unit: 'suffix: trades',
    width: 6,
    provenAt: 'rest',
    queries: [{ expr: kept, legend: 'kept', expected: NONE }],
  },
  {
    kind: 'number',
    title: 'Oldest of them',
    description:
      'How long the oldest unconfirmed trade has waited. Rising: nothing is confirmed. Falling: a backlog drains.',
    unit: 's',
    width: 6,
    provenAt: 'rest',
    queries: [{ expr: oldest, legend: 'age', expected: NONE }],
  },
  {
    kind: 'number',
    title: 'Credit',
    description:
      'Trades that may be on their way to sidecars at once. Zero: no sidecar is there, or it takes nothing now.',
    unit: 'suffix: trades',
    width: 6,
    queries: [{ expr: sumOf(METRICS.deliveryCredit.name), legend: 'granted', expected: [1, 100_000] }],
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
      'Trades a second. "Applied" above "accepted": a backlog drains. "Confirmed" far below "applied": confirmations get lost, or positions cannot be kept.',
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
      'Of all publishers, the longest. It falls while a backlog drains, however long the backlog is.',
    unit: 's',
    width: 12,
    queries: [{ expr: oldest, legend: 'oldest', expected: [0, 1] }],
  },
  {
    kind: 'graph',
    title: 'Bytes kept',
    description:
      'Of the unconfirmed trades, in memory or on disk. SPOOL_MAX_BYTES is the limit on disk, OUTBOX_MAX_BYTES in memory.',
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
      'Since the start of each app. After a lost connection or confirmation trades are sent again; what the sidecar has already, it drops as a duplicate: none is counted twice. A handler that fails is called again.',
    unit: 'suffix: events',
    width: 12,
    queries: [
      { expr: sumOf(METRICS.deliveryResent.name), legend: 'sent again', expected: NONE },
      { expr: sumOf(METRICS.deliveryDuplicates.name), legend: 'dropped as duplicates', expected: NONE },
      { expr: sumOf(METRICS.deliveryStale.name), legend: 'of ended sessions', expected: NONE },
      { expr: sumOf(METRICS.deliveryRetries.name), legend: 'handlers called again', expected: NONE },
    ],
  },
  {
    kind: 'graph',
    title: 'Failed for good, or not kept',
    description:
      'Since the start of each app; zero in health. Failed: refused, or failed after all retries, see /dead-letters. Forgotten: the sidecar has older state than it confirmed, as after a restored backup.',
    unit: 'suffix: times',
    width: 12,
    queries: [
      { expr: sumOf(METRICS.deliveryFailed.name), legend: 'failed for good', expected: NONE },
      { expr: sumOf(METRICS.deliveryForgotten.name), legend: 'forgotten by sidecars', expected: NONE },
      { expr: sumOf(METRICS.deliveryCommitFailures.name), legend: 'positions not kept', expected: NONE },
      { expr: sumOf(METRICS.stateCommitFailures.name), legend: 'states not written', expected: NONE },
    ],
  },
];

/** The state of sidecars with SIDECAR_STATE_DIR. */
export const statePanels: readonly PanelDefinition[] = [
  {
    kind: 'number',
    title: 'Last written',
    description:
      'Time since a sidecar wrote its counts and positions to disk. It grows while nothing comes in; while trades are applied it stays under a second or two.',
    unit: 's',
    width: 12,
    noValue: 'no state is kept (SIDECAR_STATE_DIR)',
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
