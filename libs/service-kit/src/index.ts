export { loadConfig, type LoadConfigOptions } from './config/config.loader.js';
export { ConfigurationError, type ConfigurationFault } from './config/configuration.error.js';
export { EventFeed, type EventFeedOptions, type EventFeedStats } from './feed/event-feed.js';
export { ProblemDetailsFilter } from './problem/problem-details.filter.js';
export type { FieldFault, ProblemDocument } from './problem/problem.document.js';
export { ProblemException, type ProblemOptions } from './problem/problem.exception.js';
export { createHttpAdapter, setUpHttpApp } from './service/http-app.setup.js';
export { runService, type ListenConfig, type RunServiceOptions } from './service/service.runner.js';
export { createValidationPipe, toFieldFaults } from './validation/validation.pipe.js';
