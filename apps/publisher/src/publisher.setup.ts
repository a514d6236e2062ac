import { Busboy, type BusboyHeaders } from '@fastify/busboy';
import { guardHttp, HttpGate, ProblemException } from '@app/service-kit';
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
 * The fields of a multipart form; a name that comes twice has all its values. From the whole body, as what reads forms
 * piece by piece has something to do at every request.
 *
 * Refuses a body that is no form by 400, and one beyond the limits by 413.
 */
function readForm({ headers }: FastifyRequest, body: Buffer, done: ParserDone): void {
  const fields = new Map<string, unknown[]>();
  const refuse = (error: unknown): void =>
    done(new BadRequestException('the form cannot be read', { cause: error }));
  const refuseMore = (rule: 'maxParts' | 'maxFields' | 'maxFiles', message: string) => (): void =>
    done(new ProblemException({ status: 413, detail: message, errors: [{ field: 'body', rule, message }] }));
  if (body.length === 0) {
    done(null, {});
    return;
  }
  try {
    const form = new Busboy({ headers: headers as BusboyHeaders, limits: FORM_LIMITS });
    form.on('field', (name, value) => fields.set(name, [...(fields.get(name) ?? []), value]));
    form.on('partsLimit', refuseMore('maxParts', 'the form has too many parts'));
    form.on('fieldsLimit', refuseMore('maxFields', 'the form has too many fields'));
    form.on('filesLimit', refuseMore('maxFiles', 'the form brings a file'));
    form.on('error', refuse);
    form.on('finish', () =>
      done(
        null,
        Object.fromEntries(
          [...fields].map(([name, values]) => [name, values.length === 1 ? values[0] : values]),
        ),
      ),
    );
    form.end(body);
  } catch (error) {
    refuse(error);
  }
}

/** What this service accepts, from whom and how much of it, and the page's files. Call it before `listen`. */
export async function setUpPublisher(app: NestFastifyApplication): Promise<void> {
  const { BULK_MAX_BYTES } = app.get(PublisherConfig);
  guardHttp(app, app.get(HttpGate));
  app.useGlobalFilters(app.get(TradeRefusalFilter));
  app.useBodyParser('multipart/form-data', {}, readForm);
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
