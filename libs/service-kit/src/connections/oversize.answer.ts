import type { FastifyInstance } from 'fastify';

const PAYLOAD_TOO_LARGE = 413;

/**
 * Lets a client that sends too much read its answer. Fastify answers 413 while the client is still sending, and asks for
 * the connection to be closed: closed with unread data, it is reset, and the client sees a broken pipe instead of the
 * answer. Kept open, Node reads what still comes and throws it away, for as long as a request may take to arrive.
 */
export function keepOpenForOversize(instance: FastifyInstance): void {
  instance.addHook('onSend', (_request, reply, payload, done) => {
    if (reply.statusCode === PAYLOAD_TOO_LARGE) reply.removeHeader('connection');
    done(null, payload);
  });
}
