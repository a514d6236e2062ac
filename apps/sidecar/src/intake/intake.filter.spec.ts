import { Logger } from '@nestjs/common';
import { lastValueFrom } from 'rxjs';
import { EventRefusedError } from '../rejections/event-refused.error.js';
import { IntakeFilter } from './intake.filter.js';

describe('IntakeFilter', () => {
  let logged: jest.SpyInstance;
  let handle: (error: unknown) => Promise<unknown>;

  beforeEach(() => {
    logged = jest.spyOn(Logger.prototype, 'error').mockImplementation();
    const filter = new IntakeFilter();
    const end = filter.catch.bind(filter);
    handle = async (error) => {
      try {
        return await lastValueFrom(end(error));
      } catch (failure) {
        return failure;
      }
    };
  });

  afterEach(() => {
    logged.mockRestore();
    jest.useRealTimers();
  });

  it('ends a refusal with its reason, marked so that it is not tried again, without a log line', async () => {
    expect(await handle(new EventRefusedError('invalid_qty', 'qty must be >= 0'))).toEqual({
      status: 'error',
      message: 'qty must be >= 0',
      isRefusedEvent: true,
      contractReason: 'invalid_qty',
    });
    expect(logged).not.toHaveBeenCalled();
  });

  it('leaves anything else to the transport, which counts it, and logs it at most once a second', async () => {
    jest.useFakeTimers();
    const failures = [1, 2, 3].map(() => handle(new Error('boom')));
    failures.push(handle('not even an error'));
    expect(await Promise.all(failures)).toEqual([
      ...Array.from({ length: 3 }, () => new Error('boom')),
      'not even an error',
    ]);
    expect(logged.mock.calls).toEqual([['a trade could not be applied', expect.stringContaining('boom')]]);
    jest.advanceTimersByTime(1000);
    expect(logged.mock.calls.slice(1)).toEqual([[expect.stringMatching(/^left out: 3 more /)]]);
  });
});
