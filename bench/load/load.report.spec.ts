import { formatReport, isClean, type LoadReport, reportJson } from './load.report.js';

const clean: LoadReport = {
  via: 'http',
  targetRatePerSecond: 5000,
  elapsedSeconds: 10,
  scheduled: 50_000,
  accepted: 50_000,
  applied: 50_000,
  rejected: 0,
  errors: {},
  answerLatency: new Map([
    [50, 0.0012],
    [100, 0.034],
  ]),
  receiveLatency: new Map([[50, 0.0005]]),
};

describe('the load report', () => {
  it('is clean when everything scheduled was accepted and applied', () => {
    expect(isClean(clean)).toBe(true);
  });

  it.each([
    ['an event was not accepted', { accepted: 49_999, applied: 49_999 }],
    ['an accepted event was not applied', { applied: 49_999 }],
    ['more was applied than was sent', { applied: 50_001 }],
    ['an event was rejected', { rejected: 1 }],
  ])('is not clean when %s', (_what, difference) => {
    expect(isClean({ ...clean, ...difference })).toBe(false);
  });

  it('prints latencies in milliseconds, and says that there were no errors', () => {
    const text = formatReport(clean);

    expect(text).toContain('errors: none');
    expect(text).toMatch(/p50\s+1\.20 ms/);
    expect(text).toMatch(/max\s+34\.00 ms/);
  });

  it('names errors by kind', () => {
    expect(formatReport({ ...clean, errors: { http_503: 7 } })).toContain('errors: http_503: 7');
  });

  it('writes latencies as plain objects of seconds', () => {
    expect(JSON.parse(reportJson(clean))).toMatchObject({
      answerLatency: { '50': 0.0012 },
      receiveLatency: { '50': 0.0005 },
    });
  });
});
