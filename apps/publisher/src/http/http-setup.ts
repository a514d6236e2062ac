import { TELEMETRY, type Telemetry } from '@app/service-kit';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { PublisherConfig } from '../config/publisher.config.js';
import { NDJSON_TYPES, NdjsonText } from './bulk-reader.js';
import { IdempotentPosts } from './idempotent-posts.js';
import { readMultipartForm } from './multipart-form.js';
import { RefusalFilter } from './refusal.filter.js';

const BULK_ROUTE = '/trades';
const EVENTS_ROUTE = '/events/:type';
const POST_ROUTES = new Set([BULK_ROUTE, '/trade/:side', EVENTS_ROUTE]);

/**
 * Sets up what the post routes accept and how much of it, how they count refusals, `Idempotency-Key`, and their spans. Call it
 * before `listen`.
 */
export function setUpPosts(app: NestFastifyApplication): void {
  const { BULK_MAX_BYTES } = app.get(PublisherConfig);
  const posts = app.get(IdempotentPosts);
  const telemetry = app.get<Telemetry | undefined>(TELEMETRY);
  app.useGlobalFilters(app.get(RefusalFilter));
  app.useBodyParser('multipart/form-data', {}, readMultipartForm);
  app.useBodyParser(
    NDJSON_TYPES,
    { bodyLimit: BULK_MAX_BYTES },
    (_: unknown, body: Buffer, done: (error: Error | null, value?: unknown) => void) => {
      done(null, new NdjsonText(body));
    },
  );
  // The limit belongs to the route and not to a parser: the same items may be equally long as JSON and as NDJSON.
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRoute', (route) => {
      if (route.url === BULK_ROUTE || route.url === EVENTS_ROUTE) route.bodyLimit = BULK_MAX_BYTES;
      if (route.method !== 'POST' || !POST_ROUTES.has(route.url)) return;
      posts.follow(route);
      telemetry?.posts?.follow(route);
    });
}
