import type { DashboardDefinition } from './panel-definition.js';
import { memoryPanels, processPanels } from './runtime-panels.js';

/** The two processes. */
export const runtimeDashboard: DashboardDefinition = {
  uid: 'trading-runtime',
  title: 'Runtime',
  description: 'The Node processes of both apps: uptime, CPU, event loop, memory.',
  provenWith: 'at-most-once',
  sections: [
    { title: 'Process', panels: processPanels },
    { title: 'Memory', panels: memoryPanels },
  ],
};
