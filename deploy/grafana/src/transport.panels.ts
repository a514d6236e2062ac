import { METRICS } from '../../../libs/contracts/src/index.js';
import { about, PER_SECOND } from './known.load.js';
import type { PanelDefinition } from './panel.definition.js';
import { sumOf, sumOfRates } from './promql.text.js';

const batches = METRICS.transportBatches.name;

/** How the events travel. */
export const transportPanels: readonly PanelDefinition[] = [
  {
    kind: 'graph',
    title: 'Events in a message',
    description:
      'How many events travel together on average. What queues up while one message is sent goes out with the next: near 1 there is time to spare, and high numbers mean load.',
    unit: 'suffix: events',
    width: 8,
    queries: [
      {
        expr: `${sumOfRates(METRICS.transportSent.name, [], '{job="publisher"}')} / ${sumOfRates(batches, [], '{direction="out"}')}`,
        legend: 'sent',
        expected: [1, 10.5],
      },
      {
        expr: `${sumOfRates(METRICS.transportReceived.name, [], '{job="sidecar"}')} / ${sumOfRates(batches, [], '{direction="in"}')}`,
        legend: 'received',
        expected: [1, 10.5],
      },
    ],
  },
  {
    kind: 'graph',
    title: 'Bytes a second',
    description:
      'Content of the messages, without the envelope of ZeroMQ and the network. The publisher counts events as it accepted them; what comes in is a third more where it adds to each when it was sent (SENT_TIME=true).',
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
    title: 'Lost and regained connections',
    description:
      'Since the start of each app. "regained": a publisher found its sidecar again. "lost": a sidecar lost a producer.',
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
