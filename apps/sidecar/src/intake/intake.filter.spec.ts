import { Logger, type ArgumentsHost } from '@nestjs/common';
import { lastValueFrom } from 'rxjs';
import { EventRefusedError } from '../rejections/event-refused.error.js';
import { IntakeFilter } from './intake.filter.js';

const hostAt = (receivedAtSeconds: number): ArgumentsHost =>
  ({
    switchToRpc: () => ({ getData: () => 'content', getContext: () => ({ receivedAtSeconds }) }),
  }) as unknown as ArgumentsHost;

describe('IntakeFilter', () => {
  let logged: jest.SpyInstance;
  let handle: (error: unknown, host: ArgumentsHost) => Promise<unknown>;

  beforeEach(() => {
    logged = jest.spyOn(Logger.prototype, 'error').mockImplementation();
    const filter = new IntakeFilter();
    const end = filter.catch.bind(filter);
    handle = async (error, host) => {
      try {
        return await lastValueFrom(end(error, host));
      } catch (failure) {
        return failure;
      }
    };
  });

  afterEach(() => logged.mockRestore());

  it('ends a refusal with its reason, marked so that it is not tried again, without a log line', async () => {
    expect(await handle(new EventRefusedError('invalid_qty', 'qty must be >= 0'), hostAt(5))).toEqual({
      status: 'error',
      message: 'qty must be >= 0',
      isRefusedEvent: true,
      contractReason: 'invalid_qty',
    });
    expect(logged).not.toHaveBeenCalled();
  });

  it('leaves anything else to the transport, which counts it, and logs it at most once a second', async () => {
    const failures = [10, 10.2, 10.9, 11.1].map((seconds) => handle(new Error('boom'), hostAt(seconds)));
    failures.push(handle('not even an error', hostAt(12.5)));
    expect(await Promise.all(failures)).toEqual([
      ...Array.from({ length: 4 }, () => new Error('boom')),
      'not even an error',
    ]);
    expect(logged).toHaveBeenCalledTimes(3);
  });
});
