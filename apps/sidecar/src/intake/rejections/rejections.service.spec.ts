import { REJECTION_REASONS } from '@app/contracts';
import { REJECTED_MESSAGE_REASONS } from '@app/zmq-transport';
import { toRejection } from './rejections.service.js';

describe('toRejection', () => {
  const rest = { detail: 'why', receivedAtSeconds: 5 };

  it.each([
    ['no_pattern', {}, 'unknown_type'],
    ['no_pattern', null, 'not_an_object'],
    ['no_pattern', [], 'not_an_object'],
    ['no_pattern', 'trade', 'not_an_object'],
    ['no_handler', { type: 'quote' }, 'unknown_type'],
    ['malformed', Buffer.from('{'), 'malformed'],
  ] as const)('calls %s of %p %s', (reason, content, expected) => {
    expect(toRejection({ ...rest, reason, content })).toEqual({ ...rest, reason: expected, content });
  });

  it('keeps the contract’s own reason of an event that its handler refused', () => {
    const cause = { status: 'error', message: 'why', isRefusedEvent: true, contractReason: 'invalid_ts' };
    const message = { ...rest, reason: 'handler_failed', content: {}, cause } as const;
    expect(toRejection(message)).toEqual({ ...rest, reason: 'invalid_ts', content: {} });
    expect(toRejection({ ...message, cause: new Error('boom') }).reason).toBe('handler_failed');
  });

  it.each(REJECTED_MESSAGE_REASONS)('has a reason of the contract for the transport’s %s', (reason) => {
    expect(REJECTION_REASONS).toContain(toRejection({ ...rest, reason, content: {} }).reason);
  });
});
