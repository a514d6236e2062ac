import type { DashboardDefinition } from './panel.definition.js';
import { ratePanels, totalPanels } from './trade.panels.js';
import { rhythmPanels, windowPanels } from './window.panels.js';

/** The first page to look at: what is traded. Its uid is that of the former overview, which it replaces. */
export const tradingDashboard: DashboardDefinition = {
  uid: 'trading-overview',
  title: 'Trading',
  description: 'What is traded: totals, rates, rolling windows and rhythm.',
  provenWith: 'at-most-once',
  sections: [
    { title: 'Since the start', panels: totalPanels },
    { title: 'Now', panels: ratePanels },
    { title: 'Rolling windows', panels: windowPanels },
    { title: 'Rhythm', panels: rhythmPanels },
  ],
};
