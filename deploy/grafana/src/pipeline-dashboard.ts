import { hopPanels, linkPanels } from './hop-panels.js';
import { latencyPanels } from './latency-panels.js';
import { lossPanels } from './loss-panels.js';
import type { DashboardDefinition } from './panel-definition.js';
import { transportPanels } from './transport-panels.js';

/** Where events are, how long they take, and where they are refused, rejected or dropped. */
export const pipelineDashboard: DashboardDefinition = {
  uid: 'trading-pipeline',
  title: 'Pipeline',
  description:
    'Each hop of a trade from publisher to sidecar: rate, latency, and what is refused, rejected or dropped.',
  provenWith: 'at-most-once',
  sections: [
    { title: 'Link and totals', panels: linkPanels },
    { title: 'Trades per second, hop by hop', panels: hopPanels },
    { title: 'Refused, rejected and dropped', panels: lossPanels },
    { title: 'Latency', panels: latencyPanels },
    { title: 'Messages', panels: transportPanels },
  ],
};
