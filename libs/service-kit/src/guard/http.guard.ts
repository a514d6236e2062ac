import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { openConnections } from '../connections/connection-limits.js';
import type { ProblemException } from '../problem/problem.js';
import { sendProblem } from '../problem/problem-sender.js';
import type { HttpGate } from './http-gate.js';
import { isDocumentation, securityHeaders } from './security-headers.js';

/** Routes as they are declared, each with all routes below it. */
export interface GuardedRoutes {
  /** Routes that need the token even to read. Writes always need it. @default none */
  readonly secret?: readonly string[];
  /** Routes with costly answers: their number is limited, and one begins in each turn of the event loop. @default none */
  readonly costly?: readonly string[];
}

type Hook = (request: FastifyRequest, reply: FastifyReply, next: () => void) => void;

const guards = new WeakMap<object, Hook>();

/** Guards a request that the router cannot read and that no hook sees. */
export function guardUnroutable(
  instance: FastifyInstance,
  ...[request, reply, next]: Parameters<Hook>
): void {
  const guard = guards.get(instance);
  if (guard === undefined) next();
  else guard(request, reply, next);
}

/**
 * Puts the security headers on every answer, and refuses what `gate` refuses. It does so on every path, including paths without a
 * route and paths that the router cannot read. Call it before the app is initialised.
 */
export function guardHttp(app: NestFastifyApplication, gate: HttpGate, routes: GuardedRoutes = {}): void {
  const instance = app.getHttpAdapter().getInstance();
  const guard: Hook = (request, reply, next) => {
    reply.headers(securityHeaders(request.url));
    const refusal = gate.refusalOf(request);
    if (refusal === undefined && isDocumentation(request.url)) {
      answer(gate.holdAnswer(request, reply), request, reply, next);
    } else answer(refusal, request, reply, next);
  };
  guards.set(instance, guard);
  openConnections(instance)?.onPipelined(() => gate.countRefusal('pipelined'));
  instance.addHook('onRequest', guard);
  guardRoutes(instance, gate, routes);
}

/** Goes by the route that the router found, not by the text of the address, which can be spelt in many ways. */
function guardRoutes(
  instance: FastifyInstance,
  gate: HttpGate,
  { secret = [], costly = [] }: GuardedRoutes,
): void {
  const turns = new Turns();
  const checkToken: Hook = (request, reply, next) => answer(gate.tokenRefusal(request), request, reply, next);
  const takeTurn: Hook = (request, reply, next) => {
    const begin = (): void =>
      turns.take(() => {
        // A client that has left while it waited gets no work done.
        if (!isGone(request)) next();
      });
    answer(gate.holdAnswer(request, reply), request, reply, begin);
  };
  instance.addHook('onRoute', (route) => {
    const own = [route.onRequest ?? []].flat();
    if (isBelow(route.url, secret)) own.push(checkToken);
    if (isBelow(route.url, costly)) own.push(takeTurn);
    if (own.length > 0) route.onRequest = own;
  });
}

function answer(
  refusal: ProblemException | undefined,
  request: FastifyRequest,
  reply: FastifyReply,
  next: () => void,
): void {
  if (refusal === undefined) next();
  else sendProblem(refusal, request, reply);
}

function isBelow(route: string, paths: readonly string[]): boolean {
  return paths.some((path) => route === path || route.startsWith(`${path}/`));
}

/** True when the client has left, or has closed its side: Node sends nothing to it any more. Injected requests have no connection. */
export function isGone({ raw }: FastifyRequest): boolean {
  return raw.socket.destroyed || raw.socket.writable === false;
}

/** Begins one long piece of work in each turn of the event loop, so that other work gets its turn in between. */
class Turns {
  private readonly waiting: (() => void)[] = [];
  private isTaken = false;

  /** Calls `begin` now when nothing else has begun in this turn, otherwise in a turn of its own, in the order of the calls. */
  take(begin: () => void): void {
    if (this.isTaken) {
      this.waiting.push(begin);
      return;
    }
    this.isTaken = true;
    setImmediate(() => this.next());
    begin();
  }

  private next(): void {
    const begin = this.waiting.shift();
    if (begin === undefined) {
      this.isTaken = false;
      return;
    }
    setImmediate(() => this.next());
    begin();
  }
}
