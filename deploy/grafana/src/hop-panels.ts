import { MappingType, type ValueMapping } from '@grafana/grafana-foundation-sdk/dashboard';
import { METRICS } from '../../../libs/contracts/src/index.js';
import { about, KNOWN_LOAD, PER_SECOND } from './known-load.js';
import type { PanelDefinition, ValueRange } from './panel-definition.js';
import { countOf, nearestToZero, sumOf, sumOfRates } from './promql-text.js';

// In words: colour alone does not tell everybody.
const UP_OR_DOWN: ValueMapping = {
  type: MappingType.ValueToText,
  options: { 0: { text: 'down', color: 'red', index: 0 }, 1: { text: 'up', color: 'green', index: 1 } },
};
const PUBLISHER = '{job="publisher"}';
const SIDECAR = '{job="sidecar"}';
const BOTH_UP = { publisher: [1, 1], sidecar: [1, 1] } as const satisfies Record<string, ValueRange>;
const rejectedPerSecond = KNOWN_LOAD.badInputsPerSecond;

const accepted = sumOfRates(METRICS.publisherAccepted.name);
const sent = sumOfRates(METRICS.transportSent.name, [], PUBLISHER);
const received = sumOfRates(METRICS.transportReceived.name, [], SIDECAR);
const applied = sumOfRates(METRICS.tradesTotal.name);
const rejected = sumOfRates(METRICS.eventsRejected.name);
const waiting = sumOf(METRICS.transportQueueDepth.name, [], PUBLISHER);
const missing = `${sumOf(METRICS.publisherAccepted.name)} - ${countOf(METRICS.tradesTotal.name)} - ${waiting}`;

/** Whether the apps and the link are up, and no trade is missing. */
export const linkPanels: readonly PanelDefinition[] = [
  {
    kind: 'number',
    title: 'Link',
    description: 'Publisher: up while a sidecar is connected. Sidecar: up while its receive loop runs.',
    unit: 'none',
    width: 6,
    mappings: [UP_OR_DOWN],
    queries: [
      { expr: `min by (job) (${METRICS.transportLinkUp.name})`, legend: '{{job}}', expected: BOTH_UP },
    ],
  },
  {
    kind: 'number',
    title: 'Scrape',
    description:
      'Whether Prometheus can scrape the app. While it is down, the other figures of that app are missing.',
    unit: 'none',
    width: 6,
    mappings: [UP_OR_DOWN],
    queries: [{ expr: 'min by (job) (up)', legend: '{{job}}', expected: BOTH_UP }],
  },
  {
    kind: 'number',
    title: 'Accepted − applied',
    description:
      'Trades that publishers accepted, minus trades that sidecars applied, minus trades that wait. It must read 0. Prometheus scrapes the two apps at different moments, so the panel shows the value nearest to 0 of the last few seconds. Above 0: trades are missing. Below 0: another program sends trades too. It counts since the start of both apps; after a restart of one of them read "Accepted − applied, last 5 minutes".',
    unit: 'suffix: trades',
    width: 6,
    provenAt: 'rest',
    queries: [
      {
        expr: nearestToZero(missing),
        legend: 'difference',
        expected: [0, 0],
      },
    ],
  },
  {
    kind: 'number',
    title: 'Waiting',
    description:
      'Trades in the outboxes of the publishers. If the number stays high, a sidecar is down or too slow.',
    unit: 'suffix: trades',
    width: 6,
    provenAt: 'rest',
    queries: [{ expr: waiting, legend: 'in publishers', expected: [0, 0] }],
  },
];

const hop = (title: string, description: string, expr: string, expected: ValueRange): PanelDefinition => ({
  kind: 'number',
  title,
  description,
  unit: 'suffix: /s',
  width: 4,
  queries: [{ expr, legend: title.toLowerCase(), expected }],
});

/** The same trades at each hop. Look at the first number that is too small. */
export const hopPanels: readonly PanelDefinition[] = [
  hop('Accepted', 'Trades per second that publishers accepted.', accepted, about(PER_SECOND.trades)),
  hop('Sent', 'Trades per second that publishers handed to ZeroMQ.', sent, about(PER_SECOND.trades)),
  hop(
    'Received',
    'Inputs per second that sidecars took from ZeroMQ, before any check. Higher than "Sent": another program sends too.',
    received,
    about(PER_SECOND.trades + rejectedPerSecond),
  ),
  hop(
    'Applied',
    'Trades per second that sidecars counted. Received minus applied is rejected.',
    applied,
    about(PER_SECOND.trades),
  ),
  hop('Rejected', 'Inputs per second that sidecars rejected.', rejected, [0.1, rejectedPerSecond * 2]),
  {
    kind: 'number',
    title: 'Rejected ratio',
    description: 'Rejected inputs of the last 5 minutes, of all inputs. An alert fires above 1 %.',
    unit: 'percentunit',
    width: 4,
    noValue: 'no input',
    queries: [{ expr: 'trading:rejected:ratio5m', legend: 'rejected', expected: [0.001, 0.0099] }],
  },
  {
    kind: 'graph',
    title: 'Trades per second at each hop',
    description: 'The curves coincide while no trade waits or is lost.',
    unit: 'suffix: trades/s',
    width: 12,
    queries: [
      { expr: accepted, legend: 'accepted', expected: about(PER_SECOND.trades) },
      { expr: sent, legend: 'sent', expected: about(PER_SECOND.trades) },
      { expr: received, legend: 'received', expected: about(PER_SECOND.trades + rejectedPerSecond) },
      { expr: applied, legend: 'applied', expected: about(PER_SECOND.trades) },
    ],
  },
  {
    kind: 'graph',
    title: 'Accepted − applied, last 5 minutes',
    description:
      'Trades of the last 5 minutes that were accepted, are not applied, and do not wait in a publisher. This holds after a restart too. Around 0 when all is well; up to one second of trades either way is normal, because Prometheus scrapes the two apps at different moments. Far above 0: trades are missing. Far below 0: another program sends trades too.',
    unit: 'suffix: trades',
    width: 12,
    axisMin: 'auto',
    axisShowsAtLeast: [-500, 500],
    queries: [
      {
        expr: 'trading:published_minus_applied:increase5m',
        legend: 'missing',
        // The two apps are scraped up to a second apart, and a rule sees that.
        expected: [-PER_SECOND.trades * 1.5, PER_SECOND.trades * 1.5],
      },
    ],
  },
];
