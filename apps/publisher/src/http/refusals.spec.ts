import { OutboxFullError, SpoolFailedError } from '@app/zmq-transport';
import { toHttpError, TradeRefusedException } from './refusals.js';

describe('toHttpError', () => {
  it.each([
    ['spool_failed', new SpoolFailedError('no space left on device')],
    ['outbox_full', new OutboxFullError(1, 2)],
  ])('answers 503 and when to come back, counted as %s', (reason, error) => {
    const answer = toHttpError(error) as TradeRefusedException;
    expect(answer).toBeInstanceOf(TradeRefusedException);
    expect(answer).toMatchObject({ reason, status: 503, headers: { 'retry-after': '1' } });
    // The cause is for the log, and no business of clients.
    expect(JSON.stringify(answer)).not.toContain('no space');
  });

  it('leaves alone what nobody foresaw', () => {
    const error = new Error('boom');
    expect(toHttpError(error)).toBe(error);
  });
});
