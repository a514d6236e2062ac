export { whenAnswered } from './connections/open-connections.js';
export { loadConfig, type LoadConfigOptions } from './config/config.loader.js';
export { ConfigurationError, type ConfigurationFault } from './config/configuration.error.js';
export { ServiceSettings, toList } from './config/service.settings.js';
export { MAX_TIMER_MS, UsableBy } from './config/setting.rules.js';
export { BucketHistogram, type HistogramSeries } from './exposition/bucket.histogram.js';
export { ExpositionModule } from './exposition/exposition.module.js';
export {
  pulled,
  pulledCounter,
  pulledCounters,
  type PulledDefinition,
  pulledGauge,
  pulledGauges,
} from './exposition/pulled.metric.js';
export { EventFeed, type EventFeedOptions, type EventFeedStats } from './feed/event-feed.js';
export {
  HTTP_REFUSALS,
  HttpGate,
  httpGateOf,
  type HttpGateOptions,
  type HttpRefusal,
} from './guard/http.gate.js';
export { guardHttp, type GuardedRoutes, isGone } from './guard/http.guard.js';
export { TrustedProxies } from './guard/trusted.proxies.js';
export { hasLeftEarly } from './problem/client.abort.js';
export { ProblemDetailsFilter } from './problem/problem-details.filter.js';
export type { FieldFault, ProblemDocument } from './problem/problem.document.js';
export { ProblemException, type ProblemOptions } from './problem/problem.exception.js';
export { basicAuthorization, withoutCredentials } from './secrets/address.js';
export { apiToken } from './secrets/api.token.js';
export { createHttpAdapter, setUpHttpApp, withoutTrailingSlash } from './service/http-app.setup.js';
export { SharedWork } from './shared/shared.work.js';
export { runService, type ListenConfig, type RunServiceOptions } from './service/service.runner.js';
export { ThrottledLog } from './service/throttled.log.js';
export { createValidationPipe, toFieldFaults } from './validation/validation.pipe.js';
