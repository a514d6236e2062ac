export { type EventPreview, previewOf } from './counting/event-preview.js';
export { EventPlans, EventTallies, type SeriesChange } from './counting/event-tallies.js';
export type { KeptSeries } from './counting/metric-tally.js';
export { mostPackedBytes } from './counting/packed-series.js';
export { ShownMetric, type ShownTally } from './counting/shown-metric.js';
export {
  type EventDefinition,
  type EventFault,
  type EventSchema,
  MAX_LABEL_CHARACTERS,
  type MetricDefinition,
  type MetricKind,
  type MetricsFile,
  OTHER,
} from './definitions.js';
export type { FileRules } from './file/file-rules.js';
export {
  type FileFault,
  MetricsFileError,
  parseMetricsFile,
  readMetricsFile,
  readText,
} from './file/metrics-file.js';
export { metricsFileSchema } from './file/metrics-schema.js';
export {
  asyncApiDocument,
  type AsyncApiDocument,
  type ChannelDescription,
  messageOf,
  type MessageDescription,
} from './asyncapi/asyncapi-document.js';
export { ASYNCAPI_STYLE, asyncApiPage } from './asyncapi/asyncapi-page.js';
