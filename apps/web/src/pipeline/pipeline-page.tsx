import { useDesk, useMetrics } from '../feed/desk-context.js';
import { LetterTable } from '../letters/letter-table.js';
import { Panel } from '../ui/panel.js';
import { buildFlow } from './flow-builder.js';
import { FlowPicture } from './flow-picture.js';
import { buildHops } from './hop-builder.js';
import { HopView } from './hop-view.js';
import { usePageSettings } from './page-settings.js';
import { usePrometheusState } from './prometheus-state.js';

/** The way of an event as a picture and in words, and what was rejected on it. */
export default function PipelinePage() {
  const desk = useDesk();
  const metrics = useMetrics();
  const settings = usePageSettings();
  const prometheus = usePrometheusState(settings?.prometheusUrl !== undefined);
  const hops = buildHops({ desk, metrics, settings, prometheus });
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-2">
      <Panel
        title="The way of a trade"
        note="arrows carry events a second; what leaves the way stands below its stop"
      >
        <div className="px-3 pb-3">
          <FlowPicture flow={buildFlow(hops, metrics)} />
        </div>
      </Panel>
      <Panel title="Stop by stop">
        <ol>
          {hops.map((hop) => (
            <HopView key={hop.name} hop={hop} />
          ))}
        </ol>
      </Panel>
      <LetterTable />
    </div>
  );
}
