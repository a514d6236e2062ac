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

/** A header takes a few packets; a client that needs longer holds a connection and sends nothing. */
const HEADERS_TIMEOUT_MS = 10_000;
/** Enough for the largest body (some MiB) over a slow line. Fastify has no limit by default. */
const REQUEST_TIMEOUT_MS = 60_000;
/** How late the server may notice either; Node checks only every 30 s by default. */
const CHECK_INTERVAL_MS = 2_000;
/** Longer than proxies keep an unused connection (60 s), so that the proxy closes it first. */
const KEEP_ALIVE_TIMEOUT_MS = 72_000;

/** How long an answer may wait for a client that reads nothing of it; it takes room that others need. */
const UNREAD_TIMEOUT_MS = 30_000;

/**
 * How long requests under way may take to finish when the service stops. Ours take milliseconds; one that takes longer has
 * a client that does not send or does not read. The rest of the stop (draining the queue) must fit into the 10 s after which
 * container runtimes kill the process.
 */
const STOP_GRACE_MS = 1_500;

/** The limits as the options of the HTTP server. */
const SERVER_LIMITS = {
  headersTimeout: HEADERS_TIMEOUT_MS,
  requestTimeout: REQUEST_TIMEOUT_MS,
  connectionsCheckingInterval: CHECK_INTERVAL_MS,
  keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
  // Node would answer a request without a host by an empty body; we answer with a problem document.
  requireHostHeader: false,
} satisfies ServerOptions;

const connectionsOf = new WeakMap<object, OpenConnections>();

/** The connections of a server that `boundStop` was called for. */
export function openConnections(instance: FastifyInstance): OpenConnections | undefined {
  return connectionsOf.get(instance);
}

/**
 * Hands a whole answer to the system in one plain `write`. Node's own `end(text)` writes an empty text after it and sends both
 * by `writev`, which costs more than all checks of the gate together.
 */
class WholeAnswer extends ServerResponse {
  override end(...args: unknown[]): this {
    const [text, encoding, callback] = args;
    const { socket } = this;
    // A chunked answer needs its end written; an answer that waits behind another one has no socket yet.
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
 * A server that passes on only requests that can still be answered, and within the limits. It checks before the framework
 * sees the request, whose work costs more than these checks.
 *
 * @param unreadTimeoutMs a connection whose client read nothing of an answer for so long is closed
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
  // Without a listener Node closes every connection that is silent for so long, but a post may wait for room, and a stream
  // for its next event.
  server.setTimeout(unreadTimeoutMs, (socket: Socket) => {
    if (socket.writableLength > 0 || connections.isIdle(socket)) socket.destroy();
  });
  return server;
}

/** Limits how long closing the server takes, whatever its clients do. Call it before the server listens. */
export function boundStop(instance: FastifyInstance, connections: OpenConnections): void {
  connectionsOf.set(instance, connections);
  instance.addHook('preClose', (done) => {
    connections.stop(STOP_GRACE_MS);
    done();
  });
}
