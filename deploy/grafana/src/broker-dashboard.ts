import { flowPanels, partitionPanels, waitingPanels } from './broker-panels.js';
import type { DashboardDefinition } from './panel-definition.js';

/** Trades that wait in the broker, by partition. */
export const brokerDashboard: DashboardDefinition = {
  uid: 'trading-broker',
  title: 'Broker',
  description:
    'With NATS_URL: what the broker keeps for sidecars, and which of them owns what. Empty over ZeroMQ.',
  provenWith: 'broker',
  sections: [
    { title: 'Waiting in the broker', panels: waitingPanels },
    { title: 'By partition', panels: partitionPanels },
    { title: 'Trades per second', panels: flowPanels },
  ],
};
