import { flowPanels, symbolPanels } from './flow-panels.js';
import type { DashboardDefinition } from './panel-definition.js';
import { ratePanels, totalPanels } from './trade-panels.js';
import { rhythmPanels, windowPanels } from './window-panels.js';

/** The dashboard to open first: what is traded. Its uid is that of the former overview, which it replaces. */
export const tradingDashboard: DashboardDefinition = {
  uid: 'trading-overview',
  title: 'Trading',
  description: 'Trades: totals, rates, flow, symbols, rolling windows, and how trades follow each other.',
  provenWith: 'at-most-once',
  sections: [
    { title: 'Totals', panels: totalPanels },
    { title: 'Rates', panels: ratePanels },
    { title: 'Flow', panels: flowPanels },
    { title: 'Symbols', panels: symbolPanels },
    { title: 'Rolling windows', panels: windowPanels },
    { title: 'Arrivals', panels: rhythmPanels },
  ],
};
