import { METRICS } from '../../../libs/contracts/src/index.js';
import { about, PER_SECOND } from './known-load.js';
import type { PanelDefinition, ValueRange } from './panel-definition.js';
import { sumOf, sumOfRates } from './promql-text.js';

const batches = METRICS.transportBatches.name;

/** Posts that come late on a busy machine leave together: at most those of a second. */
const PER_MESSAGE: ValueRange = [1, PER_SECOND.trades];

/** How events travel. */
export const transportPanels: readonly PanelDefinition[] = [
  {
    kind: 'graph',
    title: 'Events per message',
    description:
      'Mean number of events in one ZeroMQ message. Events that wait while a message is sent leave together in the next: near 1 the load is low, high numbers mean a high load.',
    unit: 'suffix: events',
    width: 8,
    queries: [
      {
        expr: `${sumOfRates(METRICS.transportSent.name, [], '{job="publisher"}')} / ${sumOfRates(batches, [], '{direction="out"}')}`,
        legend: 'sent',
        expected: PER_MESSAGE,
      },
      {
        expr: `${sumOfRates(METRICS.transportReceived.name, [], '{job="sidecar"}')} / ${sumOfRates(batches, [], '{direction="in"}')}`,
        legend: 'received',
        expected: PER_MESSAGE,
      },
    ],
  },
  {
    kind: 'graph',
    title: 'Bytes per second',
    description:
      'Payload of the messages, without the headers of ZeroMQ and the network. With SENT_TIME=true the sidecar receives about a third more than the publisher counts: each event then also carries the time it was sent.',
    unit: 'Bps',
    width: 8,
    queries: [
      {
        expr: sumOfRates(METRICS.transportBytes.name, ['job', 'direction']),
        legend: '{{job}}, {{direction}}',
        // 55 to 80 bytes an event; on the way also a comma and `,"sent":` with 10 to 18 digits and a point.
        expected: {
          'publisher, out': [about(PER_SECOND.trades * 55)[0], about(PER_SECOND.trades * 80)[1]],
          'sidecar, in': [about(PER_SECOND.trades * 74)[0], about(PER_SECOND.trades * 108)[1]],
        },
      },
    ],
  },
  {
    kind: 'graph',
    title: 'Connections lost and regained',
    description:
      'Since the start of each app. Regained: a publisher connected to its sidecar again. Lost: a sidecar lost a producer.',
    unit: 'suffix: times',
    width: 8,
    queries: [
      {
        expr: sumOf(METRICS.transportReconnects.name, ['job']),
        legend: '{{job}}: regained',
        expected: [0, 1],
      },
      {
        expr: sumOf(METRICS.transportDisconnects.name, ['job']),
        legend: '{{job}}: lost',
        // The publisher is restarted once before the load, to be seen by the annotation.
        expected: { 'sidecar: lost': [1, 1] },
      },
    ],
  },
];
