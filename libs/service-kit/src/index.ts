export { whenAnswered } from './connections/open-connections.js';
export { ConfigurationError, loadConfig } from './config/config-loader.js';
export {
  assertOnlyLink,
  type NatsOptions,
  natsOptions,
  natsSettingOf,
  NatsSettings,
} from './config/nats-settings.js';
export { ServiceSettings, toList, toListWithoutGaps } from './config/service-settings.js';
export { MAX_TIMER_MS, UsableBy } from './config/setting-rules.js';
export {
  BucketHistogram,
  type Exemplar,
  type HistogramSeries,
  type KeptSeries,
} from './exposition/bucket-histogram.js';
export { ExpositionModule } from './exposition/exposition.module.js';
export {
  pulled,
  pulledCounter,
  pulledCounters,
  pulledGauge,
  pulledGauges,
} from './exposition/pulled.metric.js';
export { EventFeed, type EventFeedStats } from './feed/event-feed.js';
export { HTTP_REFUSALS, HttpGate, httpGateOf } from './guard/http-gate.js';
export { guardHttp, isGone } from './guard/http.guard.js';
export { HealthRoutes } from './health/health-routes.js';
export { type FieldFault, ProblemException } from './problem/problem.js';
export { hasLeftEarly, ProblemDetailsFilter } from './problem/problem-details.filter.js';
export { basicAuthorization, withoutCredentials } from './secrets/address.js';
export { apiToken } from './secrets/api-token.js';
export { createHttpAdapter, setUpHttpApp, withoutTrailingSlash } from './service/http-app-setup.js';
export { onHangup } from './service/signal-stop.js';
export { SharedWork } from './service/shared-work.js';
export { runService } from './service/service-runner.js';
export type { BatchTrace } from './telemetry/batch-traces.js';
export { showTelemetry, TELEMETRY, type Telemetry, telemetryProvider } from './telemetry/telemetry.js';
export type { PostTraces } from './telemetry/post-traces.js';
export { ThrottledLog } from './service/throttled-log.js';
