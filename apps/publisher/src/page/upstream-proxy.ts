import {
  request as httpRequest,
  type ClientRequest,
  type IncomingMessage,
  type OutgoingHttpHeaders,
} from 'node:http';
import { request as httpsRequest } from 'node:https';
import { pipeline } from 'node:stream';
import {
  basicAuthorization,
  type HttpGate,
  ProblemException,
  whenAnswered,
  withoutCredentials,
} from '@app/service-kit';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** One server behind the publisher. */
export interface UpstreamOptions {
  /** Its name in messages, such as `the sidecar`. */
  readonly name: string;
  /** Its address; a path in it is put before every path. A user and password in it are sent as `Authorization: Basic`. */
  readonly url: string;
  /** The paths that are passed on, without their queries; every other path is 404. */
  readonly paths: readonly string[];
  /** Matches the paths that may be posted to, without a body. @default none */
  readonly posts?: RegExp;
  /**
   * The paths, with all below them, whose `Authorization` is passed on, because the server needs it. Only the right token is
   * passed on: the server sees one address for all clients, and would count a stranger's wrong guess against all of them.
   * @default none
   */
  readonly authorizedPaths?: readonly string[];
  /** The paths that are event streams. @default none */
  readonly streams?: readonly string[];
  /** Most milliseconds until its first byte, and between two pieces of its body; an event stream may be silent. */
  readonly timeoutMs: number;
}

/** The headers that a reader of the answer needs. The others (cookies, connection, policies) are not passed on. */
const PASSED_HEADERS = [
  'content-type',
  'content-length',
  'content-encoding',
  'content-disposition',
  'cache-control',
  'last-modified',
  'etag',
  'retry-after',
  'www-authenticate',
  'x-accel-buffering',
];

const CLOSED_EARLY = 'ERR_STREAM_PREMATURE_CLOSE';

/**
 * Passes requests for known paths on to one server, and streams the answers back. When the server is away or too slow, it
 * answers with a problem document, 502 or 504. Of the request only `accept` and `last-event-id` are passed on: no cookie, no
 * body, and credentials only on the paths that are named for it, where they replace those of the server's address.
 *
 * Why no library does this: docs/decisions/0012-own-headers-and-proxy.md.
 */
export class UpstreamProxy {
  private readonly paths: ReadonlySet<string>;
  private readonly address: string;
  private readonly authorization: string | undefined;
  private readonly open = new Set<ClientRequest>();

  /** @param gate knows the token, and how many requests and streams one address may have open here */
  constructor(
    private readonly options: UpstreamOptions,
    private readonly gate: HttpGate,
  ) {
    this.paths = new Set(options.paths);
    this.address = withoutCredentials(options.url).replace(/\/$/, '');
    this.authorization = options.url === '' ? undefined : basicAuthorization(options.url);
  }

  /**
   * Answers `request` with the server's answer for `path`; resolves when the answer has begun.
   *
   * @throws ProblemException 404 for a path that is not passed on, 401 without the token that it needs, 429 beyond the share
   * of one address, 502 when the server cannot be reached, 504 when it is too slow
   */
  async pass(path: string, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    if (!this.isPassedOn(request.method, path)) {
      throw new ProblemException({
        status: 404,
        detail: `the publisher does not pass this path on to ${this.options.name}`,
      });
    }
    const refusal = this.refusalOf(path, request, reply);
    if (refusal !== undefined) throw refusal;
    const query = request.url.includes('?') ? request.url.slice(request.url.indexOf('?')) : '';
    const answer = await this.ask(path, query, request, reply);
    const status = answer.statusCode ?? 0;
    if (status < 200 || status > 599) {
      // Node reads any number as a status, but throws when it should write one that is none.
      answer.destroy();
      throw this.problem(502, 'answered with an invalid HTTP status');
    }
    reply.hijack();
    const own = reply.getHeaders() as OutgoingHttpHeaders;
    reply.raw.writeHead(status, { ...own, ...passedHeaders(answer) });
    // Send the headers now: a stream may have no first event for long, and its reader waits to know that it is open.
    reply.raw.flushHeaders();
    if (request.method === 'HEAD') {
      // HEAD has no body, and an event stream would stay open for nothing.
      reply.raw.end();
      answer.destroy();
      return;
    }
    this.limitSilence(answer, reply);
    pipeline(answer, reply.raw, (error) => {
      // Either end may leave at any time; the pipeline has closed the other end by then.
      if (error && error.code !== CLOSED_EARLY) answer.destroy();
    });
  }

  /** Ends the requests that are still open, so that HTTP can close. */
  close(): void {
    for (const request of this.open) request.destroy();
    this.open.clear();
  }

  private refusalOf(
    path: string,
    request: FastifyRequest,
    reply: FastifyReply,
  ): ProblemException | undefined {
    const token = this.isAuthorized(path) ? this.gate.tokenRefusal(request) : undefined;
    if (token !== undefined) return token;
    return this.options.streams?.includes(path)
      ? this.gate.holdStream(request, reply)
      : this.gate.holdPassed(request, reply);
  }

  private isAuthorized(path: string): boolean {
    return (this.options.authorizedPaths ?? []).some((own) => path === own || path.startsWith(`${own}/`));
  }

  private isPassedOn(method: string, path: string): boolean {
    return method === 'POST' ? (this.options.posts?.test(path) ?? false) : this.paths.has(path);
  }

  /** Cuts an answer that stops in the middle; its reader would wait for ever. */
  private limitSilence(answer: IncomingMessage, reply: FastifyReply): void {
    if (answer.headers['content-type']?.startsWith('text/event-stream')) return;
    const timer = setTimeout(() => {
      // The reader may be the slow one.
      if (reply.raw.writableNeedDrain) timer.refresh();
      else answer.destroy();
    }, this.options.timeoutMs);
    answer.on('data', () => timer.refresh());
    answer.once('close', () => clearTimeout(timer));
  }

  private ask(
    path: string,
    query: string,
    { headers, method }: FastifyRequest,
    reply: FastifyReply,
  ): Promise<IncomingMessage> {
    const url = new URL(this.address + path + query);
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const lastEventId = headers['last-event-id'];
    const authorization = (this.isAuthorized(path) ? headers.authorization : undefined) ?? this.authorization;
    const passed = {
      accept: headers.accept ?? '*/*',
      ...(typeof lastEventId === 'string' && { 'last-event-id': lastEventId }),
      ...(authorization !== undefined && { authorization }),
    };
    return new Promise((resolve, reject) => {
      const outgoing = send(url, { method: method === 'POST' ? 'POST' : 'GET', headers: passed });
      const late = setTimeout(
        () => outgoing.destroy(this.problem(504, 'did not answer in time')),
        this.options.timeoutMs,
      );
      this.open.add(outgoing);
      outgoing.once('response', (answer) => {
        clearTimeout(late);
        resolve(answer);
      });
      outgoing.on('error', (error) => {
        reject(error instanceof ProblemException ? error : this.problem(502, 'cannot be reached'));
      });
      outgoing.once('close', () => {
        clearTimeout(late);
        this.open.delete(outgoing);
      });
      // When the reader leaves, the request to the server ends too.
      whenAnswered(reply.raw, () => outgoing.destroy());
      outgoing.end();
    });
  }

  private problem(status: 502 | 504, what: string): ProblemException {
    return new ProblemException({
      status,
      detail: `${this.options.name} ${what}`,
      headers: { 'retry-after': '1' },
    });
  }
}

function passedHeaders({ headers }: IncomingMessage): Record<string, string> {
  const passed: Record<string, string> = {};
  for (const name of PASSED_HEADERS) {
    const value = headers[name];
    if (typeof value === 'string') passed[name] = value;
  }
  return passed;
}
