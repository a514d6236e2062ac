import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ServiceSettings } from '../config/service-settings.js';
import { whenAnswered } from '../connections/open-connections.js';
import type { ProblemException } from '../problem/problem.js';
import { apiToken } from '../secrets/api-token.js';
import { BearerToken } from './bearer-token.js';
import { isForeignWrite } from './cross-site-policy.js';
import { FailedAttempts } from './failed-attempts.js';
import {
  foreignHost,
  foreignSite,
  noRoom,
  streamInQueue,
  tooMany,
  tooManyWrong,
  unauthorized,
} from './gate-problems.js';
import { HostPolicy } from './host-policy.js';
import { type OuterRequest, TrustedProxies } from './trusted-proxies.js';
import { type Visitor, visitorKey, Visitors } from './visitors.js';

/** Why a request was refused before any handler saw it: the closed value set of a metric's label. */
export const HTTP_REFUSALS = [
  /** Too many unanswered requests on one connection, which is closed. */
  'pipelined',
  'rate',
  'scrape_rate',
  'host',
  'cross_site',
  'token_missing',
  'token_wrong',
  /** A wrong token from an address that had already sent too many. */
  'token_attempts',
  'too_many_answers',
  'too_many_streams',
] as const;

/** One of `HTTP_REFUSALS`. */
export type HttpRefusal = (typeof HTTP_REFUSALS)[number];

/** Who may use a service, and how much of it. */
export interface HttpGateOptions {
  /** Names the service may be called by, beyond IP addresses and `localhost`: the configured HOST and others. */
  readonly allowedHosts: readonly string[];
  /**
   * Hosts whose pages may post here even if a proxy changes `Host`: ALLOWED_HOSTS, each with its port where that is not 80 or
   * 443. @default none
   */
  readonly ownHosts?: readonly string[];
  /** Addresses and networks of the proxies that may say where a request comes from. @default none */
  readonly trustedProxies?: readonly string[];
  /** The token that every write needs, and every read that calls `tokenRefusal`; undefined: no token is needed. */
  readonly token?: string | undefined;
  /** Requests of one address in one second, scrapes apart; 0 sets no limit. */
  readonly requestsPerSecond: number;
  /** `GET /metrics`, `/health` and what is below it, of one address in one second; 0 sets no limit. @default 1000 */
  readonly scrapesPerSecond?: number;
  /** Event streams that one address may hold open; 0 sets no bound. */
  readonly streamsPerAddress: number;
  /** Costly answers of one address that may be under way; the next one is refused. @default 128 */
  readonly answersPerAddress?: number;
  /** Costly answers of all addresses that may be under way. @default 256 */
  readonly answers?: number;
  /** Answers of another server that one address may have under way through this service. @default 16 */
  readonly passedPerAddress?: number;
}

/** The gate of a service, by its settings. @throws Error when the token's file cannot be read */
export function httpGateOf(settings: ServiceSettings): HttpGate {
  return new HttpGate({
    allowedHosts: [settings.HOST, ...settings.ALLOWED_HOSTS],
    ownHosts: settings.ALLOWED_HOSTS,
    trustedProxies: settings.TRUSTED_PROXIES,
    token: apiToken(settings),
    requestsPerSecond: settings.HTTP_RATE_LIMIT,
    scrapesPerSecond: settings.HTTP_SCRAPE_LIMIT,
    streamsPerAddress: settings.HTTP_STREAMS_PER_ADDRESS,
  });
}

/** Wrong tokens from one address in one minute. A request without a token is no guess, and does not count. */
const MAX_WRONG = 30;
const WRONG_WINDOW_MS = 60_000;

type Held = 'answers' | 'passed' | 'streams';

/**
 * Decides about each request before any handler sees it, in one pass that allocates nothing unless it refuses. The requests of
 * one address count only against that address.
 */
export class HttpGate {
  private readonly visitors = new Visitors();
  private readonly hosts: HostPolicy;
  private readonly token: BearerToken | undefined;
  private readonly failures = new FailedAttempts(MAX_WRONG, WRONG_WINDOW_MS);
  private readonly counts = Object.fromEntries(HTTP_REFUSALS.map((reason) => [reason, 0])) as Record<
    HttpRefusal,
    number
  >;
  private readonly options: Required<
    Omit<HttpGateOptions, 'token' | 'allowedHosts' | 'ownHosts' | 'trustedProxies'>
  >;
  private readonly ownHosts: ReadonlySet<string>;
  /** Undefined where no proxy is trusted: then the headers are not read. */
  private readonly proxies: TrustedProxies | undefined;
  private readonly tooOften: ProblemException;
  private readonly tooManyScrapes: ProblemException;
  /** Nearly all requests name the same host, which is then checked only once. */
  private lastAllowedHost: string | undefined;
  private answersOpen = 0;

  constructor(options: HttpGateOptions) {
    const {
      scrapesPerSecond = 1000,
      answersPerAddress = 128,
      answers = 256,
      passedPerAddress = 16,
    } = options;
    this.options = { ...options, scrapesPerSecond, answersPerAddress, answers, passedPerAddress };
    this.hosts = new HostPolicy(options.allowedHosts);
    this.ownHosts = new Set(options.ownHosts?.map((host) => host.toLowerCase()));
    this.proxies = options.trustedProxies?.length ? new TrustedProxies(options.trustedProxies) : undefined;
    this.token = options.token === undefined ? undefined : new BearerToken(options.token);
    // Made once: a refusal must cost less than the work it prevents.
    this.tooOften = tooMany('rate', `one address may ask ${options.requestsPerSecond} times a second`);
    this.tooManyScrapes = tooMany(
      'scrapeRate',
      `one address may ask ${scrapesPerSecond} times a second for metrics and health`,
    );
  }

  /** Refusals since the start, by reason; all reasons are there. */
  refusals(): Readonly<Record<HttpRefusal, number>> {
    return this.counts;
  }

  /** Counts a refusal that was decided elsewhere. */
  countRefusal(reason: HttpRefusal): void {
    this.counts[reason] += 1;
  }

  /** Why this request is refused, counted; undefined when it may go on. The token is checked only for a write. */
  refusalOf(request: FastifyRequest): ProblemException | undefined {
    const { url, method, headers } = request.raw;
    const scrape = isScrape(url ?? '');
    const outer = this.outerOf(request);
    const visitor = this.visitors.at(outer?.address ?? request.ip);
    const refusal = scrape ? this.scrapeRefusal(visitor) : this.rateRefusal(visitor);
    if (refusal !== undefined) return refusal;
    const host = outer?.host ?? headers.host;
    // Scrapers and health probes use whatever name their network has for the service, and read nothing but counts.
    if (!scrape && (host === undefined || host !== this.lastAllowedHost)) {
      if (!this.hosts.allows(host)) return this.refuse('host', foreignHost());
      this.lastAllowedHost = host;
    }
    if (isReading(method)) return undefined;
    const fetchSite = headers['sec-fetch-site'];
    const site = typeof fetchSite === 'string' ? fetchSite : undefined;
    const { origin } = headers;
    const { ownHosts } = this;
    if (
      isForeignWrite({ method: method ?? '', host, origin, fetchSite: site, scheme: outer?.scheme, ownHosts })
    ) {
      return this.refuse('cross_site', foreignSite());
    }
    return this.tokenRefusal(request);
  }

  /**
   * For routes that need the token even to read: 401 without the right token, 429 for a wrong one from an address that has sent
   * many wrong ones; undefined when the request may go on.
   */
  tokenRefusal(request: FastifyRequest): ProblemException | undefined {
    if (this.token === undefined) return undefined;
    const verdict = this.token.judge(request.raw.headers.authorization);
    // Checked first: the right token is accepted, whatever others have sent from the same address.
    if (verdict === 'right') return undefined;
    if (verdict === 'missing') return this.refuse('token_missing', unauthorized(verdict));
    const key = visitorKey(this.addressOf(request));
    const waitMs = this.failures.waitMs(key);
    if (waitMs > 0) return this.refuse('token_attempts', tooManyWrong(waitMs));
    this.failures.add(key);
    return this.refuse('token_wrong', unauthorized(verdict));
  }

  /** Takes room for a costly answer until it is complete; returns the refusal (429 or 503) when there is none. */
  holdAnswer(request: FastifyRequest, reply: FastifyReply): ProblemException | undefined {
    const { answers, answersPerAddress } = this.options;
    if (this.answersOpen >= answers) return this.refuse('too_many_answers', noRoom());
    const refusal = this.hold('answers', answersPerAddress, request, reply);
    if (refusal !== undefined) return refusal;
    this.answersOpen += 1;
    whenAnswered(reply.raw, () => (this.answersOpen -= 1));
    return undefined;
  }

  /** As `holdAnswer`, for another server's answer. */
  holdPassed(request: FastifyRequest, reply: FastifyReply): ProblemException | undefined {
    return this.hold('passed', this.options.passedPerAddress, request, reply);
  }

  /** The same for an event stream: 429 when this address holds as many as it may, 400 behind an unanswered request. */
  holdStream(request: FastifyRequest, reply: FastifyReply): ProblemException | undefined {
    if (reply.raw.socket === null) return this.refuse('pipelined', streamInQueue());
    const most = this.options.streamsPerAddress || Number.POSITIVE_INFINITY;
    return this.hold('streams', most, request, reply);
  }

  private hold(
    what: Held,
    most: number,
    request: FastifyRequest,
    reply: FastifyReply,
  ): ProblemException | undefined {
    const visitor = this.visitors.at(this.addressOf(request));
    if (visitor[what] >= most) {
      const reason = what === 'streams' ? 'too_many_streams' : 'too_many_answers';
      const noun = what === 'streams' ? 'streams open' : 'answers of this kind under way';
      return this.refuse(reason, tooMany(what, `one address may have ${most} ${noun}`));
    }
    visitor[what] += 1;
    whenAnswered(reply.raw, () => (visitor[what] -= 1));
    return undefined;
  }

  private outerOf({ raw }: FastifyRequest): OuterRequest | undefined {
    return this.proxies?.outerOf(raw.socket.remoteAddress, raw.headers);
  }

  private addressOf(request: FastifyRequest): string {
    return this.outerOf(request)?.address ?? request.ip;
  }

  private rateRefusal(visitor: Visitor): ProblemException | undefined {
    visitor.requests += 1;
    const { requestsPerSecond } = this.options;
    return requestsPerSecond > 0 && visitor.requests > requestsPerSecond
      ? this.refuse('rate', this.tooOften)
      : undefined;
  }

  private scrapeRefusal(visitor: Visitor): ProblemException | undefined {
    visitor.scrapes += 1;
    const { scrapesPerSecond } = this.options;
    return scrapesPerSecond > 0 && visitor.scrapes > scrapesPerSecond
      ? this.refuse('scrape_rate', this.tooManyScrapes)
      : undefined;
  }

  private refuse(reason: HttpRefusal, problem: ProblemException): ProblemException {
    this.counts[reason] += 1;
    return problem;
  }
}

function isReading(method: string | undefined): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS';
}

/** The routes of monitors and orchestrators. */
const SCRAPED = ['/metrics', '/health', '/health/live', '/health/ready'];

/** Only in their plain spelling: any other spelling counts as an ordinary request. */
function isScrape(url: string): boolean {
  return SCRAPED.some((path) => isPath(url, path));
}

function isPath(url: string, path: string): boolean {
  if (!url.startsWith(path)) return false;
  const end = url[path.length] === '/' ? path.length + 1 : path.length;
  return end === url.length || url[end] === '?';
}
