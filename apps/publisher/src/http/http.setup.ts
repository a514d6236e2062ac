import { Busboy, type BusboyHeaders } from '@fastify/busboy';
import { guardHttp, HttpGate, ProblemException, withoutTrailingSlash } from '@app/service-kit';
import { BadRequestException } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { PublisherConfig } from '../config/publisher.config.js';
import { IdempotentPosts } from './idempotent-posts.js';
import { serveAssets } from '../page/page.assets.js';
import { NDJSON_TYPES, NdjsonText } from './bulk-reader.js';
import { TradeRefusalFilter } from './refusal.filter.js';

const BULK_ROUTE = '/trades';
const TRADE_ROUTES = new Set([BULK_ROUTE, '/trade/:side']);
/** A form has one field of ours; the rest is ignored, and bounded. */
const FORM_LIMITS = { files: 0, fields: 16, fieldSize: 4096, parts: 16 };

type ParserDone = (error: Error | null, value?: unknown) => void;

/** What stands between the parts; a mark that needs escapes in its quotes is nobody's. */
const FORM_MARK = /;\s*boundary=(?:"([^"\\]{1,200})"|([^\s;,"]{1,200}))/i;

/** Counts the marks in the body of a form: the parser passes over a part that it does not understand. */
function countMarks({ headers }: FastifyRequest, body: Buffer): number {
  const [, quoted, plain] = FORM_MARK.exec(headers['content-type'] ?? '') ?? [];
  const mark = `--${quoted ?? plain ?? ''}`;
  let marks = body.indexOf(mark) === 0 ? 1 : 0;
  const next = Buffer.from(`\r\n${mark}`);
  for (let at = body.indexOf(next); at !== -1; at = body.indexOf(next, at + next.length)) marks += 1;
  return marks;
}

/**
 * The fields of a multipart form; a name that comes twice has all its values. From the whole body, as what reads forms
 * piece by piece has something to do at every request.
 *
 * Refuses a body that is no form, or has a part that is none (the quantity may have been in it), by 400, and one beyond the
 * limits by 413.
 */
function readForm(request: FastifyRequest, body: Buffer, done: ParserDone): void {
  const fields = new Map<string, unknown[]>();
  let parts = 0;
  let fault: Error | undefined;
  const refuse = (cause: unknown): void => {
    fault ??= new BadRequestException('the form cannot be read', { cause });
  };
  const refuseMore = (rule: 'maxParts' | 'maxFields' | 'maxFiles', message: string) => (): void => {
    fault ??= new ProblemException({
      status: 413,
      detail: message,
      errors: [{ field: 'body', rule, message }],
    });
  };
  try {
    const form = new Busboy({ headers: request.headers as BusboyHeaders, limits: FORM_LIMITS });
    form.on('field', (name: string | undefined, value) => {
      // Its type says that a part has a name; one without has none all the same.
      if (name === undefined) return;
      // As JSON does: no honest client names a field so, and what is made of the fields later shall not have to care.
      if (name in Object.prototype) refuse(new Error(`a field is named ${name}`));
      parts += 1;
      fields.set(name, [...(fields.get(name) ?? []), value]);
    });
    form.on('partsLimit', refuseMore('maxParts', 'the form has too many parts'));
    form.on('fieldsLimit', refuseMore('maxFields', 'the form has too many fields'));
    form.on('filesLimit', refuseMore('maxFiles', 'the form brings a file'));
    form.on('error', (error) => {
      refuse(error);
      done(fault ?? null);
    });
    form.on('finish', () => {
      // One mark before each part, and one at the end.
      if (countMarks(request, body) !== parts + 1) refuse('the form has a part that cannot be read');
      if (fault !== undefined) done(fault);
      else done(null, Object.fromEntries([...fields].map(([name, all]) => [name, onlyOf(all)])));
    });
    form.end(body);
  } catch (error) {
    refuse(error);
    done(fault ?? null);
  }
}

function onlyOf(values: readonly unknown[]): unknown {
  return values.length === 1 ? values[0] : values;
}

/** What this service accepts, from whom and how much of it, and the page's files. Call it before `listen`. */
export async function setUpPublisher(app: NestFastifyApplication): Promise<void> {
  const { BULK_MAX_BYTES } = app.get(PublisherConfig);
  const posts = app.get(IdempotentPosts);
  guardHttp(app, app.get(HttpGate));
  withoutTrailingSlash(app, ['/latency', '/pipeline', '/plain']);
  app.useGlobalFilters(app.get(TradeRefusalFilter));
  app.useBodyParser('multipart/form-data', {}, readForm);
  app.useBodyParser(
    NDJSON_TYPES,
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
      if (route.method === 'POST' && TRADE_ROUTES.has(route.url)) posts.follow(route);
    });
  await serveAssets(app);
}
