import { hopPanels, wayPanels } from './hop.panels.js';
import { latencyPanels } from './latency.panels.js';
import { lossPanels } from './loss.panels.js';
import type { DashboardDefinition } from './panel.definition.js';
import { transportPanels } from './transport.panels.js';

/** Where an event is on its way, how long it takes, and where one gets lost. */
export const pipelineDashboard: DashboardDefinition = {
  uid: 'trading-pipeline',
  title: 'Pipeline',
  description: 'The way of a trade, hop by hop: how many, how fast, and what is refused or lost.',
  provenWith: 'at-most-once',
  sections: [
    { title: 'Is the way open?', panels: wayPanels },
    { title: 'Hop by hop, from left to right', panels: hopPanels },
    { title: 'Refused and lost', panels: lossPanels },
    { title: 'How long it takes', panels: latencyPanels },
    { title: 'Messages', panels: transportPanels },
  ],
};
