import { MappingType, type ValueMapping } from '@grafana/grafana-foundation-sdk/dashboard';
import { METRICS } from '../../../libs/contracts/src/index.js';
import { about, KNOWN_LOAD, PER_SECOND } from './known.load.js';
import type { PanelDefinition, ValueRange } from './panel.definition.js';
import { nearestToZero, sumOf, sumOfRates } from './promql.text.js';

// In words: colour alone does not tell everybody.
const UP_OR_DOWN: ValueMapping = {
  type: MappingType.ValueToText,
  options: { 0: { text: 'down', color: 'red', index: 0 }, 1: { text: 'up', color: 'green', index: 1 } },
};
const PUBLISHER = '{job="publisher"}';
const SIDECAR = '{job="sidecar"}';
const BOTH_UP = { publisher: [1, 1], sidecar: [1, 1] } as const satisfies Record<string, ValueRange>;
const rejectedPerSecond = KNOWN_LOAD.badInputsPerSecond;

const published = sumOfRates(METRICS.publisherAccepted.name);
const sent = sumOfRates(METRICS.transportSent.name, [], PUBLISHER);
const received = sumOfRates(METRICS.transportReceived.name, [], SIDECAR);
const applied = sumOfRates(METRICS.tradesTotal.name);
const rejected = sumOfRates(METRICS.eventsRejected.name);
const waiting = sumOf(METRICS.transportQueueDepth.name, [], PUBLISHER);
const missing = `${sumOf(METRICS.publisherAccepted.name)} - ${sumOf(METRICS.tradesTotal.name)} - ${waiting}`;

/** Whether everybody is there, and nothing is missing. */
export const wayPanels: readonly PanelDefinition[] = [
  {
    kind: 'number',
    title: 'Link',
    description: 'Publisher: a sidecar is connected. Sidecar: its receive loop runs.',
    unit: 'none',
    width: 6,
    mappings: [UP_OR_DOWN],
    queries: [
      { expr: `min by (job) (${METRICS.transportLinkUp.name})`, legend: '{{job}}', expected: BOTH_UP },
    ],
  },
  {
    kind: 'number',
    title: 'Answers Prometheus',
    description: 'Whether Prometheus reaches the app. If not, everything else here is old.',
    unit: 'none',
    width: 6,
    mappings: [UP_OR_DOWN],
    queries: [{ expr: 'min by (job) (up)', legend: '{{job}}', expected: BOTH_UP }],
  },
  {
    kind: 'number',
    title: 'Published − applied',
    description:
      'Trades that publishers accepted, minus those that sidecars applied, minus those that still wait, since the start of both. It must read zero, exactly so when nothing is under way. The apps are not asked at the same moment, and two such answers are subtracted here: of the last few seconds the value nearest to zero is shown, and a loss shows after these. Below zero: another program sends trades too. After a restart of one of the two it starts from another number; the curve "Published − applied, last 5 minutes" is right even then.',
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
    description: 'Trades in the queues of the publishers. Many, for long: a sidecar is away or too slow.',
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
  unit: 'suffix:/s',
  width: 4,
  queries: [{ expr, legend: title.toLowerCase(), expected }],
});

/** The same trades at each stop. The first number that is too small is the place to look at. */
export const hopPanels: readonly PanelDefinition[] = [
  hop('Published', 'Trades that publishers accepted, a second.', published, about(PER_SECOND.trades)),
  hop('Sent', 'Trades that publishers handed to ZeroMQ, a second.', sent, about(PER_SECOND.trades)),
  hop(
    'Received',
    'Inputs that sidecars took from ZeroMQ, a second, before any check. Higher than "Sent": another program sends too.',
    received,
    about(PER_SECOND.trades + rejectedPerSecond),
  ),
  hop(
    'Applied',
    'Trades that sidecars counted, a second. What is missing to "Received" was rejected.',
    applied,
    about(PER_SECOND.trades),
  ),
  hop('Rejected', 'Inputs that sidecars refused, a second.', rejected, [0.1, rejectedPerSecond * 2]),
  {
    kind: 'number',
    title: 'Rejected part',
    description: 'Of 100 inputs of the last 5 minutes, how many were refused. Above 1 % there is an alert.',
    unit: 'percentunit',
    width: 4,
    noValue: 'no input',
    queries: [{ expr: 'trading:rejected:ratio5m', legend: 'rejected', expected: [0.001, 0.0099] }],
  },
  {
    kind: 'graph',
    title: 'Way of the trades',
    description:
      'Trades a second at each stop. The curves lie on each other while nothing waits and nothing is lost.',
    unit: 'suffix: trades/s',
    width: 12,
    queries: [
      { expr: published, legend: 'published', expected: about(PER_SECOND.trades) },
      { expr: sent, legend: 'sent', expected: about(PER_SECOND.trades) },
      { expr: received, legend: 'received', expected: about(PER_SECOND.trades + rejectedPerSecond) },
      { expr: applied, legend: 'applied', expected: about(PER_SECOND.trades) },
    ],
  },
  {
    kind: 'graph',
    title: 'Published − applied, last 5 minutes',
    description:
      'Trades of the last 5 minutes that were accepted, are not applied, and do not wait in a publisher. Around zero in health, also after a restart; as much as a second of trades up or down means nothing, because the two apps are not asked at the same moment. Far above: trades are missing. Far below: another program sends too.',
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
