import type { FastifyRequest } from 'fastify';

/** True when the client has left before its request was complete: nobody waits for an answer, and nothing of ours failed. */
export function hasLeftEarly({ raw }: FastifyRequest): boolean {
  return raw.destroyed && !raw.complete;
}
