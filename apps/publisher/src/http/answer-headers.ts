/** Every answer about trades carries the link's state in this header, whatever its status. */
export const LINK_HEADER = 'trading-link';

/** What Swagger says of the header that both posts take, see `IdempotentPosts`. */
export const IDEMPOTENCY_KEY_DOC = {
  name: 'Idempotency-Key',
  required: false,
  description:
    'Any name of this post, such as a UUID. The same post with the same key is given the first answer for ten minutes, ' +
    'and counts once; the same key with another post is 422.',
};
