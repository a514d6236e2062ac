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
  /** How people call it, such as `the sidecar`. */
  readonly name: string;
  /** Its address; a path in it is put in front of every path. User and password in it are sent as `Authorization: Basic`. */
  readonly url: string;
  /** The paths that are passed on, without query; everything else is 404. */
  readonly paths: readonly string[];
  /** The whole path of what may be posted, without body; nothing when it is left out. */
  readonly posts?: RegExp;
  /**
   * The paths, with all below them, whose `Authorization` is passed on, because the server asks for it; no other path's is.
   * Only the right token is: that server sees one address for all who ask here, and must not take a stranger's guess for
   * everybody's. @default none
   */
  readonly authorizedPaths?: readonly string[];
  /** The paths that are event streams. @default none */
  readonly streams?: readonly string[];
  /** Milliseconds until its first byte, and between two pieces of its body; an event stream may be silent. */
  readonly timeoutMs: number;
}

/** What an answer's reader needs; the rest (cookies, connection, policies) stays between the two servers. */
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
 * Passes requests on to one server, known paths only, and streams its answer back as it comes. A server that is away or
 * too slow is a 502 or 504 problem document. Nothing of the request but `accept` and `last-event-id` is passed on: no
 * cookie, no body, and no credential but on the paths that are named for it; there it takes the place of the address's.
 */
export class UpstreamProxy {
  private readonly paths: ReadonlySet<string>;
  private readonly address: string;
  private readonly authorization: string | undefined;
  private readonly open = new Set<ClientRequest>();

  /** @param gate whose shares, and whose token, the requests that are passed on are held to */
  constructor(
    private readonly options: UpstreamOptions,
    private readonly gate: HttpGate,
  ) {
    this.paths = new Set(options.paths);
    this.address = withoutCredentials(options.url).replace(/\/$/, '');
    this.authorization = options.url === '' ? undefined : basicAuthorization(options.url);
  }

  /**
   * Answers `request` with what the server says about `path`; resolves when the answer has begun.
   *
   * @throws ProblemException 404 for a path that is not passed on, 401 without the token that it asks for, 429 for more
   * than one address's share, 502 when the server cannot be reached, 504 when it is too slow
   */
  async pass(path: string, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    if (!this.isPassedOn(request.method, path)) {
      throw new ProblemException({
        status: 404,
        detail: `nothing of ${this.options.name} is passed on here`,
      });
    }
    const refusal = this.refusalOf(path, request, reply);
    if (refusal !== undefined) throw refusal;
    const query = request.url.includes('?') ? request.url.slice(request.url.indexOf('?')) : '';
    const answer = await this.ask(path, query, request, reply);
    const status = answer.statusCode ?? 0;
    if (status < 200 || status > 599) {
      // Node reads any number, and throws when it is to write one that is no status.
      answer.destroy();
      throw this.problem(502, 'answered with no status of HTTP');
    }
    reply.hijack();
    const own = reply.getHeaders() as OutgoingHttpHeaders;
    reply.raw.writeHead(status, { ...own, ...passedHeaders(answer) });
    // Headers now: a stream may stay without a first event for long, and its reader waits to know that it is open.
    reply.raw.flushHeaders();
    if (request.method === 'HEAD') {
      // Nobody reads a body here: an event stream would be held open for nothing.
      reply.raw.end();
      answer.destroy();
      return;
    }
    this.limitSilence(answer, reply);
    pipeline(answer, reply.raw, (error) => {
      // Either end may leave a stream at any time; the pipeline has closed the other one by now.
      if (error && error.code !== CLOSED_EARLY) answer.destroy();
    });
  }

  /** Ends what is still open, so that HTTP can close. */
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

  /** Cuts an answer whose server stands still in the middle of it: its reader would wait for ever. */
  private limitSilence(answer: IncomingMessage, reply: FastifyReply): void {
    if (answer.headers['content-type']?.startsWith('text/event-stream')) return;
    const timer = setTimeout(() => {
      // A slow reader stops the answer too, and that is not the server's fault.
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
      // A reader that leaves must not keep the stream behind it open.
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
