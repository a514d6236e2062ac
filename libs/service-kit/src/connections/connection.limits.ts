import {
  createServer,
  type RequestListener,
  type Server,
  ServerResponse,
  type ServerOptions,
} from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { OpenConnections } from './open-connections.js';

/** A header is one packet or a few; a client that takes longer holds a connection and sends nothing. */
const HEADERS_TIMEOUT_MS = 10_000;
/** The largest body we take (some MiB), over a slow line. Fastify's default is none at all. */
const REQUEST_TIMEOUT_MS = 60_000;
/** How late the two may be noticed; Node looks only every 30 s by itself. */
const CHECK_INTERVAL_MS = 2_000;
/** Longer than proxies keep an unused connection (60 s), so that the proxy is the one to close it. */
const KEEP_ALIVE_TIMEOUT_MS = 72_000;

/** How long an answer may wait for a reader that takes nothing of it; it holds a place that others need. */
const UNREAD_TIMEOUT_MS = 30_000;

/**
 * What requests under way get to finish in when the service stops. Ours take milliseconds; beyond this a client is
 * not sending or not reading, and the rest of the stop (draining the queue) has to fit into the 10 s after which
 * container runtimes kill.
 */
const STOP_GRACE_MS = 1_500;

/** The limits as the options of the HTTP server. */
const SERVER_LIMITS = {
  headersTimeout: HEADERS_TIMEOUT_MS,
  requestTimeout: REQUEST_TIMEOUT_MS,
  connectionsCheckingInterval: CHECK_INTERVAL_MS,
  keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
  // Node would refuse a request without a host by an empty answer; ours is a problem document.
  requireHostHeader: false,
} satisfies ServerOptions;

const connectionsOf = new WeakMap<object, OpenConnections>();

/** The connections of a server that `boundStop` was called for. */
export function openConnections(instance: FastifyInstance): OpenConnections | undefined {
  return connectionsOf.get(instance);
}

/**
 * Gives a whole answer to the system by one plain `write`. Node's own `end(text)` writes an empty text behind it, and the
 * two by `writev`, which costs more than all that the gate looks at.
 */
class WholeAnswer extends ServerResponse {
  override end(...args: unknown[]): this {
    const [text, encoding, callback] = args;
    const { socket } = this;
    // What has no length of its own has an end to be written; what waits behind another answer has no socket yet.
    const isWhole = this.headersSent && !this.chunkedEncoding && typeof text === 'string';
    if (!isWhole || socket === null || typeof encoding === 'function') {
      return super.end(...(args as Parameters<ServerResponse['end']>));
    }
    // Corked, or Node would cork it until the end of the task.
    socket.cork();
    this.write(text, (encoding ?? 'utf8') as BufferEncoding);
    socket.uncork();
    return super.end(callback as (() => void) | undefined);
  }
}

/**
 * A server that hands over only what somebody can get an answer to, and within the limits. Before the framework sees a
 * request, which costs it more than all that is checked here.
 *
 * @param unreadTimeoutMs a connection that took nothing of its answer for so long is closed
 */
export function createBoundServer(
  handle: RequestListener,
  connections: OpenConnections,
  unreadTimeoutMs = UNREAD_TIMEOUT_MS,
): Server {
  const server = createServer({ ...SERVER_LIMITS, ServerResponse: WholeAnswer }, (request, response) => {
    if (connections.begin(request.socket, response)) handle(request, response);
  });
  server.on('connection', (socket: Socket) => connections.add(socket));
  // Without a listener Node closes whatever is silent for so long; a post may wait for room, and a stream for its next event.
  server.setTimeout(unreadTimeoutMs, (socket: Socket) => {
    if (socket.writableLength > 0 || connections.isIdle(socket)) socket.destroy();
  });
  return server;
}

/** Makes closing the server bounded in time, whatever its clients do. Call it before the server listens. */
export function boundStop(instance: FastifyInstance, connections: OpenConnections): void {
  connectionsOf.set(instance, connections);
  instance.addHook('preClose', (done) => {
    connections.stop(STOP_GRACE_MS);
    done();
  });
}
