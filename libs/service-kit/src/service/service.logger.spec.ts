import { Logger } from '@nestjs/common';
import { ServiceLogger } from './service.logger.js';
import { ThrottledLog } from './throttled.log.js';

const FORGED = '\u001b[2Jx\n[Nest] 1  - LOG [publisher] all is well\u202e\u009b1m\r';

describe('ServiceLogger', () => {
  let written = '';
  const spies: jest.SpyInstance[] = [];

  beforeEach(() => {
    written = '';
    for (const stream of [process.stdout, process.stderr]) {
      const keep = (chunk: unknown): boolean => {
        written += String(chunk);
        return true;
      };
      spies.push(jest.spyOn(stream, 'write').mockImplementation(keep));
    }
  });
  afterEach(() => spies.splice(0).forEach((spy) => spy.mockRestore()));

  it.each<[string, (logger: ServiceLogger) => void]>([
    ['a message', (logger) => logger.warn(FORGED)],
    ['an error', (logger) => logger.error(new Error(FORGED), 'context')],
    ['a stack', (logger) => logger.error('failed', new Error(FORGED).stack, 'context')],
    ['an error beside a message', (logger) => logger.error('failed', new Error(FORGED), 'context')],
    ['what is no text', (logger) => logger.log({ text: FORGED, [FORGED]: 1 })],
    ['text as a parameter', (logger) => logger.log('failed', { text: FORGED })],
  ])('writes %s without a line or a control character of its author', (_what, log) => {
    const logger = new ServiceLogger();
    logger.bootFinished();
    log(logger);
    const lines = written.trimEnd().split('\n');
    expect(lines.filter((line) => line.startsWith('[Nest]')).length).toBeLessThanOrEqual(2);
    expect(lines.filter((line) => /^\[Nest\] +1 /.test(line))).toEqual([]);
    expect(written.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(written).toMatch(/\\(x1B|u001b)\[2Jx/);
  });
});

describe('ThrottledLog', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('writes a line a second, and says how many it left out', () => {
    const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation();
    const log = new ThrottledLog(new Logger('test'));
    for (const line of ['one', 'two', 'three']) log.warn(line);
    expect(warn.mock.calls).toEqual([['one']]);
    jest.advanceTimersByTime(1000);
    expect(warn.mock.calls.slice(1)).toEqual([['left out: 2 more in the second after "one"']]);
    log.warn('four');
    jest.advanceTimersByTime(1000);
    expect(warn.mock.calls.slice(2)).toEqual([[expect.stringMatching(/^left out: 1 more /)]]);
    jest.advanceTimersByTime(2000);
    log.warn('five');
    expect(warn.mock.calls.slice(3)).toEqual([['five']]);
    warn.mockRestore();
  });
});
