import { Registry, type Metric, type OpenMetricsContentType } from 'prom-client';

/** Metrics as one HTTP body. */
export interface Exposition {
  readonly contentType: string;
  readonly body: string;
}

/** The media type of OpenMetrics. */
export const OPENMETRICS = 'application/openmetrics-text';
const PLAIN = 'text/plain';

/** The weight that an Accept header gives a media type by its name; 0 when it does not name it. */
function weightOf(accept: string, mediaType: string): number {
  const weights = accept.split(',').map((range) => {
    const [type, ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    if (type !== mediaType) return 0;
    const weight = parameters.find((parameter) => parameter.startsWith('q='));
    return weight === undefined ? 1 : Number(weight.slice(2));
  });
  return Math.max(0, ...weights.filter((weight) => weight <= 1));
}

/**
 * A registry of the same metrics that writes OpenMetrics. When prom-client writes that format it strips `_total` from the names
 * of the metrics themselves, and the plain text would lack it from then on. So each metric is wrapped in an object that inherits
 * from it and takes the change of name. The view is made for each scrape, so that it has every metric.
 */
function openMetricsView(registry: Registry): Registry<OpenMetricsContentType> {
  const view = new Registry<OpenMetricsContentType>();
  view.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  for (const metric of registry.getMetricsAsArray()) view.registerMetric(Object.create(metric) as Metric);
  return view;
}

/** Whether an Accept header names OpenMetrics and does not prefer plain text. */
export function wantsOpenMetrics(accept: string | undefined): boolean {
  const weight = weightOf(accept ?? '', OPENMETRICS);
  return weight > 0 && weight >= weightOf(accept ?? '', PLAIN);
}

/** Writes all metrics: as OpenMetrics 1.0.0 where it is wanted, otherwise in Prometheus' text format 0.0.4, which every Prometheus reads. */
export async function renderMetrics(registry: Registry, accept: string | undefined): Promise<Exposition> {
  const source = wantsOpenMetrics(accept) ? openMetricsView(registry) : registry;
  // prom-client writes "Nan", which neither format has, although Prometheus accepts it.
  const body = (await source.metrics()).replaceAll(' Nan\n', ' NaN\n');
  return { contentType: source.contentType, body };
}
