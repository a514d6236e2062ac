import { cleanRun } from '../measure/clean-run.fixture.js';
import { formatReport, type LoadReport, reportJson, reportOn } from './load-report.js';

const clean: LoadReport = {
  via: 'http',
  isClean: true,
  load: 'fixed arrivals, fixed quantities, seed 1',
  targetRatePerSecond: 5000,
  elapsedSeconds: 10,
  scheduled: 50_000,
  accepted: 50_000,
  applied: 50_000,
  rejected: 0,
  errors: {},
  failures: [],
  sendLag: new Map([
    [99, 0.001],
    [100, 0.002],
  ]),
  answerLatency: new Map([
    [50, 0.0012],
    [100, 0.034],
  ]),
  receiveLatency: new Map([[50, 0.0005]]),
};

describe('the load report', () => {
  it('prints latencies in milliseconds, and says that there were no errors', () => {
    const text = formatReport(clean);

    expect(text).toContain('errors: none');
    expect(text).toMatch(/p50\s+1\.20 ms/);
    expect(text).toMatch(/max\s+34\.00 ms/);
  });

  it('says how late the generator itself was', () => {
    expect(formatReport(clean)).toContain('sent late by the generator itself: p99 1.00 ms, at most 2.00 ms');
  });

  it('names errors by kind', () => {
    expect(formatReport({ ...clean, errors: { http_503: 7 } })).toContain('errors: http_503: 7');
  });

  it.each([
    [
      {
        accepted: 7,
        applied: 7,
        errors: { http_409: 3 },
        explanations: { http_409: 'wait=applied needs DELIVERY=durable' },
      },
      '3 of 10 events were not accepted: 3 × http_409 (wait=applied needs DELIVERY=durable)',
    ],
    [{ applied: 8 }, '2 of 10 accepted events were not applied by the sidecar in time'],
    [{ applied: 11 }, 'the sidecar applied 1 events more than this run sent'],
    [{ rejected: 1 }, 'the sidecar rejected 1 events'],
    [{ isComplete: false }, 'the run was given up after 10 events'],
  ])('ends with why it failed: %j', (difference, reason) => {
    const report = reportOn('http', { ...cleanRun, ...difference });
    const last = formatReport(report).split('\n').at(-1);
    expect(report.isClean).toBe(false);
    expect(last).toContain(`failed: ${reason}`);
    expect(formatReport(reportOn('http', cleanRun))).not.toContain('failed');
  });

  it('has a dash for what was not measured', () => {
    expect(formatReport({ ...clean, receiveLatency: new Map([[50, Number.NaN]]) })).toMatch(/p50 +-$/m);
  });

  it('writes latencies as plain objects of seconds', () => {
    expect(JSON.parse(reportJson(clean))).toMatchObject({
      answerLatency: { '50': 0.0012 },
      receiveLatency: { '50': 0.0005 },
    });
  });
});
