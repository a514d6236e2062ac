import { backlogPanels, confirmedPanels, repairPanels, statePanels } from './delivery.panels.js';
import type { DashboardDefinition } from './panel.definition.js';

/** Acknowledged delivery: whether what was accepted is confirmed, and what it took. */
export const deliveryDashboard: DashboardDefinition = {
  uid: 'trading-delivery',
  title: 'Delivery',
  description:
    'Trades that are kept until they are confirmed: DELIVERY=acknowledged and durable. Otherwise nothing is confirmed or kept here.',
  provenWith: 'durable',
  sections: [
    { title: 'Is everything confirmed?', panels: confirmedPanels },
    { title: 'From accepted to confirmed', panels: backlogPanels },
    { title: 'Again, and for good', panels: repairPanels },
    { title: 'Kept state', panels: statePanels },
  ],
};
