import { Logger } from '@nestjs/common';
import { LOG_LEVELS } from '../config/service-settings.js';
import { ServiceLogger } from './service-logger.js';
import { ThrottledLog } from './throttled-log.js';

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

  it('writes each message as one JSON object of one line, with LOG_FORMAT=json', () => {
    const logger = new ServiceLogger({ LOG_FORMAT: 'json' });
    logger.bootFinished();
    logger.log(`drained${FORGED}\u{e0001}`, 'publisher');
    logger.error('failed', new Error(FORGED).stack, 'keys');
    logger.warn(new Error(FORGED), 'keys');
    const lines = written.trimEnd().split('\n');
    const [drained, failed, warned] = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines).toHaveLength(3);
    expect(drained).toMatchObject({
      level: 'log',
      context: 'publisher',
      pid: process.pid,
      timestamp: expect.any(Number),
      message: `drained${FORGED}\u{e0001}`,
    });
    expect(failed).toMatchObject({ level: 'error', context: 'keys', message: 'failed' });
    expect(failed?.['stack']).toContain('service-logger.spec');
    expect(warned).toMatchObject({ level: 'warn', context: 'keys', message: FORGED });
    expect(written.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });

  it.each([
    [undefined, 'fatal error warn log'],
    ['warn', 'fatal error warn'],
    ['fatal', 'fatal'],
    ['verbose', 'fatal error warn log debug verbose'],
  ] as const)('with LOG_LEVEL=%s writes %s', (LOG_LEVEL, expected) => {
    const logger = new ServiceLogger({ LOG_FORMAT: 'json', ...(LOG_LEVEL && { LOG_LEVEL }) });
    for (const level of LOG_LEVELS) logger[level](level, 'context');
    const levels = written.match(/(?<="level":")\w+/g) ?? [];
    expect(levels.join(' ')).toBe(expected);
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
    expect(warn.mock.calls.slice(1)).toEqual([['left out 2 more lines in the second after "one"']]);
    log.warn('four');
    jest.advanceTimersByTime(1000);
    expect(warn.mock.calls.slice(2)).toEqual([[expect.stringMatching(/^left out 1 more line /)]]);
    jest.advanceTimersByTime(2000);
    log.warn('five');
    expect(warn.mock.calls.slice(3)).toEqual([['five']]);
    warn.mockRestore();
  });

  it('writes no longer lines the longer it goes on', () => {
    const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation();
    const log = new ThrottledLog(new Logger('test'));
    for (let second = 0; second < 5; second += 1) {
      log.warn('one');
      log.warn('two');
      jest.advanceTimersByTime(1000);
    }
    expect(warn.mock.calls.at(-1)).toEqual(['left out 2 more lines in the second after "one"']);
    warn.mockRestore();
  });
});
