import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type Context,
  type HrTime,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
  type Tracer,
} from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import {
  ATTR_CLIENT_ADDRESS,
  ATTR_ERROR_TYPE,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_HTTP_ROUTE,
  ATTR_NETWORK_PROTOCOL_VERSION,
  ATTR_URL_PATH,
  ATTR_URL_SCHEME,
  ATTR_USER_AGENT_ORIGINAL,
} from '@opentelemetry/semantic-conventions';
import type { FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import { hrTimeOf, type Messaging, messagingAttributes } from './messaging.js';
import { formatTraceParent } from './trace-parent.js';

const PROPAGATOR = new W3CTraceContextPropagator();
const HEADERS = {
  get: (headers: FastifyRequest['headers'], name: string) => headers[name],
  keys: (headers: FastifyRequest['headers']) => Object.keys(headers),
};

/** A traced request, and what it emits. */
interface Post {
  readonly context: Context;
  /** From the first event of the request. */
  send: Span | undefined;
  traceParent: string;
  events: number;
}

/**
 * The spans of posts: one for the request, and within it one for all events that it emits, however many. Follows only
 * the routes that it is given: a scrape is no post.
 */
export class PostTraces {
  private readonly posts = new AsyncLocalStorage<Post>();
  private readonly traced = new WeakMap<FastifyRequest, Post>();

  constructor(
    private readonly tracer: Tracer,
    private readonly messaging: Messaging,
  ) {}

  /** Traces the requests of a route. Call it from Fastify's `onRoute`. */
  follow(route: RouteOptions): void {
    route.onRequest = [
      (request, reply, done) => {
        this.begin(request, reply, route.url);
        done();
      },
      ...[route.onRequest ?? []].flat(),
    ];
    // Here and not before the body is read: what reads it goes on in the connection's context.
    route.preHandler = [
      ...[route.preHandler ?? []].flat(),
      (request, _reply, done) => {
        const post = this.traced.get(request);
        if (post === undefined) done();
        else this.posts.run(post, done);
      },
    ];
  }

  /**
   * The `traceparent` for an event that is emitted now; undefined outside of a traced request. Call it once an event.
   * @param pattern the event's
   */
  emitted(pattern: unknown): string | undefined {
    const post = this.posts.getStore();
    if (post === undefined) return undefined;
    post.send ??= this.beginSend(post, String(pattern));
    post.events += 1;
    return post.traceParent;
  }

  private begin(request: FastifyRequest, reply: FastifyReply, route: string): void {
    const { method, headers, raw } = request;
    const span = this.tracer.startSpan(
      `${method} ${route}`,
      {
        kind: SpanKind.SERVER,
        startTime: this.now(),
        attributes: {
          [ATTR_HTTP_REQUEST_METHOD]: method,
          [ATTR_HTTP_ROUTE]: route,
          [ATTR_URL_PATH]: request.url.split('?', 1)[0] ?? '',
          [ATTR_URL_SCHEME]: request.protocol,
          [ATTR_NETWORK_PROTOCOL_VERSION]: raw.httpVersion,
          [ATTR_CLIENT_ADDRESS]: request.ip,
          ...(headers['user-agent'] !== undefined && { [ATTR_USER_AGENT_ORIGINAL]: headers['user-agent'] }),
        },
      },
      PROPAGATOR.extract(ROOT_CONTEXT, headers, HEADERS),
    );
    if (!span.isRecording()) return;
    const post: Post = {
      context: trace.setSpan(ROOT_CONTEXT, span),
      send: undefined,
      traceParent: '',
      events: 0,
    };
    this.traced.set(request, post);
    // Also when the client goes away: then nothing else of the reply is called.
    reply.raw.once('close', () => end(span, post, reply, this.now()));
  }

  private now(): HrTime {
    return hrTimeOf(this.messaging.clock());
  }

  private beginSend(post: Post, pattern: string): Span {
    const { system, stream: destination = pattern } = this.messaging.link;
    const span = this.tracer.startSpan(
      `send ${destination}`,
      {
        kind: SpanKind.PRODUCER,
        startTime: this.now(),
        attributes: messagingAttributes(system, destination, 'send'),
      },
      post.context,
    );
    post.traceParent = formatTraceParent(span.spanContext());
    return span;
  }
}

function end(span: Span, { send, events }: Post, { raw }: FastifyReply, endTime: HrTime): void {
  if (events > 1) send?.setAttribute('messaging.batch.message_count', events);
  send?.end(endTime);
  if (raw.headersSent) span.setAttribute(ATTR_HTTP_RESPONSE_STATUS_CODE, raw.statusCode);
  const isGone = !raw.writableFinished;
  if (isGone || raw.statusCode >= 500) {
    span.setAttribute(ATTR_ERROR_TYPE, isGone ? 'client_gone' : String(raw.statusCode));
    span.setStatus({ code: SpanStatusCode.ERROR });
  }
  span.end(endTime);
}
