import {
  DashboardBuilder,
  DashboardCursorSync,
  RowBuilder,
  type Dashboard,
} from '@grafana/grafana-foundation-sdk/dashboard';
import type { AnyPanelBuilder } from './panel.kit.js';
import { arrivalPanels, tradePanels } from './trade.panels.js';
import { transportPanels } from './transport.panels.js';

/** The first page to look at: what was traded, how well it arrived, and whether the way is open. */
export function overviewDashboard(): Dashboard {
  const sections: [title: string, panels: AnyPanelBuilder[]][] = [
    ['Trades', tradePanels()],
    ['Arrival', arrivalPanels()],
    ['Transport', transportPanels()],
  ];
  const dashboard = new DashboardBuilder('Trading overview')
    .uid('trading-overview')
    .description('Trades, how fast they arrive, what is refused, and the state of the transport.')
    .tags(['trading-telemetry'])
    .timezone('browser')
    .time({ from: 'now-5m', to: 'now' })
    .refresh('1s')
    .tooltip(DashboardCursorSync.Crosshair)
    // Generated: an edit in the browser would be lost with the next build.
    .readonly();
  // The SDK gives no ids, and without them a link to one panel breaks with every change.
  let id = 0;
  for (const [title, panels] of sections) {
    dashboard.withRow(new RowBuilder(title).id((id += 1)));
    for (const panel of panels) dashboard.withPanel(panel.id((id += 1)));
  }
  return dashboard.build();
}
