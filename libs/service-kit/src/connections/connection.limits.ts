import type { ServerOptions } from 'node:http';
import { Socket } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { OpenConnections } from './open-connections.js';

/** A header is one packet or a few; a client that takes longer holds a connection and sends nothing. */
const HEADERS_TIMEOUT_MS = 10_000;
/** The largest body we take (some MiB), over a slow line. Fastify's default is none at all. */
const REQUEST_TIMEOUT_MS = 60_000;
/** How late the two may be noticed; Node looks only every 30 s by itself. */
const CHECK_INTERVAL_MS = 2_000;
/** Longer than proxies keep an unused connection (60 s), so that the proxy is the one to close it. */
const KEEP_ALIVE_TIMEOUT_MS = 72_000;

/**
 * What requests under way get to finish in when the service stops. Ours take milliseconds; beyond this a client is
 * not sending or not reading, and the rest of the stop (draining the queue) has to fit into the 10 s after which
 * container runtimes kill.
 */
const STOP_GRACE_MS = 1_500;

/** The limits as the options of the HTTP server, and those of them that Fastify overrules with its own. */
export const CONNECTION_LIMITS = {
  http: {
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionsCheckingInterval: CHECK_INTERVAL_MS,
    // Node would refuse a request without a host by an empty answer; ours is a problem document.
    requireHostHeader: false,
  } satisfies ServerOptions,
  requestTimeout: REQUEST_TIMEOUT_MS,
  keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
} as const;

const connectionsOf = new WeakMap<object, OpenConnections>();

/** The connections of a server that `boundConnections` was called for. */
export function openConnections(instance: FastifyInstance): OpenConnections | undefined {
  return connectionsOf.get(instance);
}

/** Tells whether anybody can get the answer to this request. When not, it is taken from the framework: nothing is done. */
export function isAwaited(
  connections: OpenConnections,
  request: FastifyRequest,
  reply: FastifyReply,
): boolean {
  const { socket } = request.raw;
  // Injected requests have no connection.
  if (!(socket instanceof Socket) || connections.begin(socket, reply.raw)) return true;
  reply.hijack();
  return false;
}

/**
 * Bounds what connections may hold: requests that wait on one of them, and the time that closing the server takes,
 * whatever its clients do. Call it before the server listens.
 */
export function boundConnections(instance: FastifyInstance, connections: OpenConnections): void {
  connectionsOf.set(instance, connections);
  instance.server.on('connection', (socket: Socket) => connections.add(socket));
  instance.addHook('onRequest', (request, reply, next) => {
    if (isAwaited(connections, request, reply)) next();
  });
  instance.addHook('preClose', (done) => {
    connections.stop(STOP_GRACE_MS);
    done();
  });
}
