import { Logger, type ArgumentsHost } from '@nestjs/common';
import { lastValueFrom } from 'rxjs';
import type { Rejection } from '../rejections/dead-letter.js';
import { EventRefusedError } from '../rejections/event-refused.error.js';
import type { RejectionsService } from '../rejections/rejections.service.js';
import { IntakeFilter } from './intake.filter.js';

const hostAt = (receivedAtSeconds: number): ArgumentsHost =>
  ({
    switchToRpc: () => ({ getData: () => 'content', getContext: () => ({ receivedAtSeconds }) }),
  }) as unknown as ArgumentsHost;

describe('IntakeFilter', () => {
  let rejected: Rejection[];
  let logged: jest.SpyInstance;
  let handle: IntakeFilter['catch'];

  beforeEach(() => {
    rejected = [];
    logged = jest.spyOn(Logger.prototype, 'error').mockImplementation();
    const rejections: Pick<RejectionsService, 'reject'> = {
      reject: (rejection) => void rejected.push(rejection),
    };
    const filter = new IntakeFilter(rejections as RejectionsService);
    handle = filter.catch.bind(filter);
  });

  afterEach(() => logged.mockRestore());

  it('records a refusal under its reason, without a log line', async () => {
    const result = handle(new EventRefusedError('invalid_qty', 'qty must be >= 0'), hostAt(5));
    expect(rejected).toEqual([
      { reason: 'invalid_qty', detail: 'qty must be >= 0', content: 'content', receivedAtSeconds: 5 },
    ]);
    expect(logged).not.toHaveBeenCalled();
    // Nothing is left for the transport to report a second time.
    expect(await lastValueFrom(result, { defaultValue: 'dealt with' })).toBe('dealt with');
  });

  it('leaves anything else to the transport, which counts it, and logs it at most once a second', async () => {
    const failures = [10, 10.2, 10.9, 11.1].map((seconds) => handle(new Error('boom'), hostAt(seconds)));
    failures.push(handle('not even an error', hostAt(12.5)));
    const errors = await Promise.all(
      failures.map((failure) => lastValueFrom(failure).catch((error: unknown) => error)),
    );
    expect(errors).toEqual([...Array.from({ length: 4 }, () => new Error('boom')), 'not even an error']);
    expect(rejected).toEqual([]);
    expect(logged).toHaveBeenCalledTimes(3);
  });
});
