import type { RequestListener } from 'node:http';
import { type Readable, Stream } from 'node:stream';
import { HttpException } from '@nestjs/common';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { refuseConnection } from '../connections/client-error-answer.js';
import { boundStop, createBoundServer } from '../connections/connection-limits.js';
import { OpenConnections } from '../connections/open-connections.js';
import { withoutByteOrderMark } from '../config/editor-text.js';
import { guardUnroutable } from '../guard/http.guard.js';
import { ProblemDetailsFilter } from '../problem/problem-details.filter.js';
import { sendProblem } from '../problem/problem-sender.js';
import { refuseAmbiguous } from '../guard/request-policy.js';
import { createValidationPipe } from '../problem/validation.pipe.js';
import { createApiDocument } from './api-document.js';

/** The content types of JSON: its own, the older one, and those of formats based on JSON (`application/vnd.desk.trade+json`). */
const JSON_TYPE = /^(?:application\/(?:[\w.!#$&^-]+\+)?json|text\/json)(?:\s*;|$)/i;
const BODY_LIMIT_BYTES = 1024 * 1024;

type ParserDone = (error: Error | null, value?: unknown) => void;

/**
 * The Fastify adapter of every service: `/metrics/` is `/metrics`, bodies up to 1 MiB, no request log, and time limits for clients
 * that stop in the middle, both while it serves and when it closes.
 */
export function createHttpAdapter(): FastifyAdapter {
  const connections = new OpenConnections();
  const adapter = new FastifyAdapter({
    serverFactory: (handle: RequestListener) => createBoundServer(handle, connections),
    clientErrorHandler: (error, socket) => refuseConnection(error, socket, connections.isUnanswered(socket)),
    bodyLimit: BODY_LIMIT_BYTES,
    routerOptions: { ignoreTrailingSlash: true },
    // The router refuses a path that it cannot read (a broken %-escape) before any filter of Nest sees it.
    frameworkErrors: (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => {
      guardUnroutable(adapter.getInstance(), request, reply, () => {
        const status = error.statusCode ?? 400;
        sendProblem(new HttpException(error.message, status, { cause: error }), request, reply);
      });
    },
  });
  boundStop(adapter.getInstance(), connections);
  refuseAmbiguous(adapter.getInstance());
  keepOpenForOversize(adapter.getInstance());
  beginNoBodyForHead(adapter.getInstance());
  return adapter;
}

/** HEAD sends no body, so a streamed body is destroyed before it begins and holds nothing open. */
function beginNoBodyForHead(instance: FastifyInstance): void {
  instance.addHook('onRoute', (route) => {
    if (route.method !== 'HEAD') return;
    route.onSend = [
      (_request, _reply, payload, done) => {
        if (payload instanceof Stream && 'destroy' in payload) (payload as Readable).destroy();
        done(null, payload);
      },
      ...[route.onSend ?? []].flat(),
    ];
  });
}

/**
 * Redirects `/docs/` to `/docs`, for documents whose links are relative: after a slash they would lead elsewhere. The redirect is
 * relative too, because only a proxy knows its prefix. Call it before the routes are declared.
 *
 * @param paths of one part, such as `/docs`
 */
export function withoutTrailingSlash(app: NestFastifyApplication, paths: readonly string[]): void {
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRoute', (route) => {
      if (!paths.includes(route.url)) return;
      const redirect = (request: FastifyRequest, reply: FastifyReply, next: () => void): void => {
        if (!request.url.startsWith(`${route.url}/`)) next();
        else reply.redirect(`..${route.url}${request.url.slice(route.url.length + 1)}`, 308);
      };
      route.onRequest = [...[route.onRequest ?? []].flat(), redirect];
    });
}

/** Some clients name JSON and send nothing: that counts as no body, not as broken JSON. */
function acceptEmptyJson(app: NestFastifyApplication): void {
  const instance = app.getHttpAdapter().getInstance();
  // Unknown fields are ignored, and so are the two that could reach a prototype.
  const parse = instance.getDefaultJsonParser('remove', 'remove');
  // Registered with Nest first, which would otherwise add its own; replaced, because only Fastify's reads text without a copy.
  app.useBodyParser('application/json');
  instance.removeContentTypeParser('application/json');
  instance.addContentTypeParser(
    JSON_TYPE,
    { parseAs: 'string', bodyLimit: BODY_LIMIT_BYTES },
    (request: Parameters<typeof parse>[0], body: string, done: ParserDone) => {
      const text = withoutByteOrderMark(body);
      if (text === '') done(null, undefined);
      else void parse(request, text, done);
    },
  );
}

/**
 * What every HTTP service of ours has: problem documents, validation, `/docs` and `/docs-json`. Call it before the app listens.
 * Tests call it on an app that they made with `createHttpAdapter()`.
 */
export function setUpHttpApp(app: NestFastifyApplication, options: { name: string }): void {
  acceptEmptyJson(app);
  // Fastify reads text by default; no route of ours does, so text is an unsupported type and not the wrong shape.
  app.getHttpAdapter().getInstance().removeContentTypeParser('text/plain');
  app.useGlobalFilters(new ProblemDetailsFilter());
  app.useGlobalPipes(createValidationPipe());
  serveDocumentation(app, options.name);
}

/** `/docs` and `/docs-json`: made at the first request, and the same bytes for everybody from then on. */
function serveDocumentation(app: NestFastifyApplication, name: string): void {
  withoutTrailingSlash(app, ['/docs']);
  let document: OpenAPIObject | undefined;
  let bytes: Buffer | undefined;
  const describe = (): OpenAPIObject => (document ??= createApiDocument(app, name));
  // Swagger's own routes for the raw document make it anew for every request.
  SwaggerModule.setup('docs', app, describe, { raw: false });
  app.getHttpAdapter().get('/docs-json', (_request: FastifyRequest, reply: FastifyReply) => {
    bytes ??= Buffer.from(JSON.stringify(describe()));
    void reply.type('application/json; charset=utf-8').send(bytes);
  });
}

const PAYLOAD_TOO_LARGE = 413;

/**
 * Lets a client that sends too much read its answer. Fastify answers 413 while the client is still sending, and asks to close
 * the connection. Closing it with unread data would reset it, and the client would see a broken pipe instead of the answer.
 * While it stays open, Node reads and discards the rest, for as long as a request may take.
 */
function keepOpenForOversize(instance: FastifyInstance): void {
  instance.addHook('onSend', (_request, reply, payload, done) => {
    if (reply.statusCode === PAYLOAD_TOO_LARGE) reply.removeHeader('connection');
    done(null, payload);
  });
}
