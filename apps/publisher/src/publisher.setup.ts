import multipart from '@fastify/multipart';
import { guardHttp, HttpGate, withoutTrailingSlash } from '@app/service-kit';
import { BadRequestException } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { PublisherConfig } from './config/publisher.config.js';
import { serveAssets } from './page/page.assets.js';
import { NDJSON_TYPE, NdjsonText } from './trades/bulk.reader.js';
import { TradeRefusalFilter } from './trades/trade-refusal.filter.js';

const BULK_ROUTE = '/trades';
/** A form has one field of ours; the rest is ignored, and bounded. */
const FORM_LIMITS = { files: 0, fields: 16, fieldSize: 4096, parts: 16 };

type ParserDone = (error: Error | null, value?: unknown) => void;

/**
 * Makes the fields of a multipart form the request's body; a name that comes twice has all its values.
 *
 * @throws BadRequestException for a body that is no form: its parser's errors have no status, and would be ours
 */
async function readForm(request: FastifyRequest): Promise<void> {
  if (!request.isMultipart()) return;
  const fields = new Map<string, unknown[]>();
  try {
    for await (const part of request.parts()) {
      if (part.type === 'field')
        fields.set(part.fieldname, [...(fields.get(part.fieldname) ?? []), part.value]);
    }
  } catch (error) {
    if (error instanceof Error && 'statusCode' in error) throw error;
    throw new BadRequestException('the form cannot be read', { cause: error });
  }
  request.body = Object.fromEntries(
    [...fields].map(([name, values]) => [name, values.length === 1 ? values[0] : values]),
  );
}

/** What this service accepts, from whom and how much of it, and the page's files. Call it before `listen`. */
export async function setUpPublisher(app: NestFastifyApplication): Promise<void> {
  const { BULK_MAX_BYTES } = app.get(PublisherConfig);
  guardHttp(app, app.get(HttpGate));
  withoutTrailingSlash(app, ['/latency', '/pipeline', '/plain']);
  app.useGlobalFilters(app.get(TradeRefusalFilter));
  await app.register(multipart, { limits: FORM_LIMITS });
  app.getHttpAdapter().getInstance().addHook('preValidation', readForm);
  app.useBodyParser(
    NDJSON_TYPE,
    { bodyLimit: BULK_MAX_BYTES },
    (_: unknown, body: Buffer, done: ParserDone) => {
      done(null, new NdjsonText(body));
    },
  );
  // The route's limit, not the parsers': an array as JSON may be as long as the same items as NDJSON.
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRoute', (route) => {
      if (route.url === BULK_ROUTE) route.bodyLimit = BULK_MAX_BYTES;
    });
  await serveAssets(app);
}
