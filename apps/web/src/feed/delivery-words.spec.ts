import { isBroadcast, keepsEvents, linkWords, peerOf, waitingPlace } from './delivery-words.js';

describe('the words about the link', () => {
  it('name sockets and delivery over ZeroMQ', () => {
    const link = { delivery: 'at-most-once', pair: 'push-pull' };
    expect(linkWords(link)).toBe('PUSH to PULL, at-most-once');
    expect(peerOf(link)).toBe('sidecar');
    expect(linkWords(undefined)).toBe('');
  });

  it('name the stream and delivery over NATS, and where events wait', () => {
    const link = { delivery: 'durable', stream: 'TRADES' };
    expect(linkWords(link)).toBe('stream TRADES, durable');
    expect(peerOf(link)).toBe('broker');
    expect([keepsEvents(link), isBroadcast(link)]).toEqual([true, false]);
    expect(waitingPlace({ ...link, delivery: 'acknowledged' })).toBe('in the publisher’s memory');
  });
});
