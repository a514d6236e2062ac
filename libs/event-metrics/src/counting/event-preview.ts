import type { EventFault, MetricsFile } from '../definitions.js';
import { EventPlans, EventTallies } from './event-tallies.js';
import { ShownMetric, type ShownSample } from './shown-metric.js';

/** What one event would do, counted from nothing. */
export interface EventPreview {
  /** Why it would not be counted; undefined when it would be. */
  readonly fault: EventFault | undefined;
  /** Samples that it would move, as /metrics shows them: of a histogram its sum and the bucket that the value falls into. */
  readonly samples: readonly string[];
}

/**
 * Shows what an event would do under a file.
 *
 * @returns undefined when the file does not have its type
 */
export function previewOf(
  file: MetricsFile,
  event: Readonly<Record<string, unknown>>,
): EventPreview | undefined {
  const plans = new EventPlans(file);
  const { type } = event;
  if (typeof type !== 'string' || plans.find(type) === undefined) return undefined;
  const tallies = new EventTallies(plans);
  let fault: EventFault | undefined;
  tallies.record(type, [event], 1, (_, why) => (fault = why));
  const samples = plans.metrics.flatMap((definition) => {
    const tally = tallies.find(definition.name);
    const moved = [...(tally?.all() ?? [])].filter(({ movedAtSeconds }) => movedAtSeconds > 0);
    const metric = new ShownMetric(definition, () => []);
    return moved.flatMap((series) =>
      movedOf(metric.samplesOf(series, {})).map((sample) => lineOf(definition.name, sample)),
    );
  });
  return { fault, samples };
}

/** Of a histogram, only the first bucket that counts the value, and the sum. */
function movedOf(samples: readonly ShownSample[]): readonly ShownSample[] {
  const bucket = samples.find(
    ({ metricName, value }) => metricName?.endsWith('_bucket') === true && value > 0,
  );
  return bucket === undefined
    ? samples
    : [bucket, ...samples.filter(({ metricName }) => metricName?.endsWith('_sum'))];
}

function lineOf(name: string, { labels, value, metricName = name }: ShownSample): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}=${JSON.stringify(String(text))}`);
  return `${metricName}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${value}`;
}
