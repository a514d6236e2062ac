import { MappingType, type ValueMapping } from '@grafana/grafana-foundation-sdk/dashboard';
import { METRICS } from '../../../libs/contracts/src/index.js';
import { graphPanel, numberPanel, sumOfRates, type AnyPanelBuilder } from './panel.kit.js';

// In words: colour alone does not tell everybody.
const UP_OR_DOWN: ValueMapping = {
  type: MappingType.ValueToText,
  options: { 0: { text: 'down', color: 'red', index: 0 }, 1: { text: 'up', color: 'green', index: 1 } },
};

/** The way between publisher and sidecar: is it there, does it keep up, does it lose anything. */
export function transportPanels(): AnyPanelBuilder[] {
  return [
    numberPanel({
      title: 'Link',
      description: 'Publisher: a sidecar is connected. Sidecar: its receive loop runs.',
      unit: 'none',
      width: 6,
      mappings: [UP_OR_DOWN],
      queries: [{ expr: `min by (job) (${METRICS.transportLinkUp.name})`, legend: '{{job}}' }],
    }),
    numberPanel({
      title: 'Scraped',
      description: 'Whether Prometheus reaches the app.',
      unit: 'none',
      width: 6,
      mappings: [UP_OR_DOWN],
      queries: [{ expr: 'min by (job) (up)', legend: '{{job}}' }],
    }),
    numberPanel({
      title: 'Reconnects',
      description: 'Times that a peer came back after it was lost, since the app started.',
      unit: 'short',
      width: 6,
      queries: [{ expr: `sum by (job) (${METRICS.transportReconnects.name})`, legend: '{{job}}' }],
    }),
    numberPanel({
      title: 'Dropped',
      description: 'Events that the transport refused or gave up, since the app started.',
      unit: 'short',
      width: 6,
      noValue: '0',
      queries: [{ expr: `sum by (job) (${METRICS.transportDrops.name})`, legend: '{{job}}' }],
    }),
    graphPanel({
      title: 'Queue depth',
      description:
        'Events that wait inside each app. The publisher keeps them here while no sidecar is connected.',
      unit: 'short',
      width: 12,
      queries: [{ expr: `sum by (job) (${METRICS.transportQueueDepth.name})`, legend: '{{job}}' }],
    }),
    graphPanel({
      title: 'Sent and received',
      description: 'Events a second. The two curves lie on each other while nothing waits or is lost.',
      unit: 'cps',
      width: 12,
      queries: [
        {
          expr: sumOfRates(METRICS.transportSent.name, [], '{job="publisher"}'),
          legend: 'sent by publishers',
        },
        {
          expr: sumOfRates(METRICS.transportReceived.name, [], '{job="sidecar"}'),
          legend: 'received by sidecars',
        },
      ],
    }),
  ];
}
