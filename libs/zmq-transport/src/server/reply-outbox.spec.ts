import { JsonCodec } from '@app/transport-core';
import type { MessageLike, Router } from 'zeromq';
import { ReplyOutbox } from './reply-outbox.js';

const PEER = Buffer.from('peer');

/** The outbox of a socket whose sends throw these codes, one after the other, and then succeed. */
function outboxOver(...codes: string[]) {
  const sent: unknown[] = [];
  const gone: Buffer[] = [];
  const socket = {
    sendTimeout: -1,
    send(message: MessageLike[]): Promise<void> {
      const code = codes.shift();
      // As zeromq.js does, which throws here and rejects nothing.
      if (code !== undefined) throw Object.assign(new Error(code), { code });
      sent.push(message.at(-1));
      return Promise.resolve();
    },
  };
  const outbox = new ReplyOutbox({
    socket: socket as unknown as Router,
    codec: new JsonCodec(),
    maxFrameBytes: 1000,
    maxBytesPerPeer: 1000,
    onDropped: () => undefined,
    onPeerGone: (identity) => gone.push(identity),
    ackFor: () => undefined,
  });
  return { outbox, sent, gone };
}

it('keeps answers and questions while the socket is bound or unbound', async () => {
  const { outbox, sent, gone } = outboxOver('EBUSY', 'EBUSY');
  const isThere = outbox.isThere(PEER);
  outbox.push(PEER, '"answer"', 8);
  await outbox.untilEmpty();
  expect(sent).toHaveLength(2);
  expect(await isThere).toBe(true);
  expect(gone).toEqual([]);
});

it('takes the peers of a socket that was closed under it for gone', async () => {
  const { outbox, gone } = outboxOver('EBADF');
  outbox.push(PEER, '"answer"', 8);
  await outbox.untilEmpty();
  expect(gone).toEqual([PEER]);
});
