import { Logger } from '@nestjs/common';
import type { Spool, SpooledBatch } from '@app/transport-core';
import type { BrokerSession } from '../broker.js';
import { PublishWindow } from './publish-window.js';

const LEFT: SpooledBatch = { first: 1, count: 1, bytes: 1, acceptedAtSeconds: 0, payload: Buffer.from('1') };

/** A spool in which an earlier process has left one batch. */
const SPOOL = {
  epoch: 'epoch',
  nextSequence: 2,
  readFrom: (sequence: number) => (sequence === 1 ? LEFT : undefined),
  release: () => undefined,
} as unknown as Spool;

/** A session whose stream is asked what it has, and answers `info`. */
function sessionOf(info: Promise<never>, publish: () => Promise<unknown>): BrokerSession {
  const session = { manager: { streams: { info: () => info } }, jetstream: { publish } };
  return session as unknown as BrokerSession;
}

describe('PublishWindow', () => {
  beforeEach(() => {
    Logger.overrideLogger(false);
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
    Logger.overrideLogger(true);
  });

  it('publishes nothing while a newer connection asks what the stream has, though an older one gave up asking', async () => {
    const publish = jest.fn(() => Promise.resolve({ duplicate: false }));
    const window = new PublishWindow({
      spool: SPOOL,
      stream: 'EVENTS',
      partitions: 1,
      subjectOf: () => 'events.0',
      maxUnconfirmed: 64,
      confirmTimeoutMs: 1000,
      duplicateWindowMs: 120_000,
      logger: new Logger(),
      onStreamMissing: () => undefined,
      onSent: () => undefined,
      onConfirmed: () => undefined,
    });
    window.open();
    const lost = Promise.reject(new Error('the connection is lost'));
    const unanswered = new Promise<never>(() => undefined);
    window.onConnected(sessionOf(lost, publish));
    window.onDisconnected();
    window.onConnected(sessionOf(unanswered, publish));
    await jest.advanceTimersByTimeAsync(10_000);
    window.pump();
    expect(publish).not.toHaveBeenCalled();
    window.close();
  });
});
