import { backlogPanels, acknowledgedPanels, repairPanels, statePanels } from './delivery-panels.js';
import type { DashboardDefinition } from './panel-definition.js';

/** Acknowledged delivery: whether every accepted trade is acknowledged, and what was repeated for it. */
export const deliveryDashboard: DashboardDefinition = {
  uid: 'trading-delivery',
  title: 'Delivery',
  description:
    'For DELIVERY=acknowledged and durable: trades that publishers keep until sidecars acknowledge them. With at-most-once all figures here are 0.',
  provenWith: 'durable',
  sections: [
    { title: 'Unacknowledged trades', panels: acknowledgedPanels },
    { title: 'From accepted to acknowledged', panels: backlogPanels },
    { title: 'Repeated and failed', panels: repairPanels },
    { title: 'Kept state', panels: statePanels },
  ],
};
