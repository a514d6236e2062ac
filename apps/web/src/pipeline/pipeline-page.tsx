import { useDesk, useMetrics } from '../feed/desk-context.js';
import { LetterTable } from '../letters/letter-table.js';
import { buildHops } from './hop-builder.js';
import { HopView } from './hop-view.js';
import { usePageSettings } from './page-settings.js';
import { usePrometheusState } from './prometheus-state.js';

/** The way of an event, hop by hop, and what was rejected on it. */
export default function PipelinePage() {
  const desk = useDesk();
  const metrics = useMetrics();
  const settings = usePageSettings();
  const prometheus = usePrometheusState(settings?.prometheusUrl !== undefined);
  const hops = buildHops({ desk, metrics, settings, prometheus });
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-3">
      <section aria-label="From the page to Grafana" className="overflow-x-clip">
        <ol className="grid gap-4 sm:grid-cols-2 md:grid-cols-4 2xl:grid-cols-8">
          {hops.map((hop, index) => (
            <HopView key={hop.name} hop={hop} isLast={index === hops.length - 1} />
          ))}
        </ol>
      </section>
      <LetterTable />
    </div>
  );
}
