import { latencyTable } from './latency-distribution.js';
import { LatencyRecorder } from './latency-recorder.js';

describe('recorded latencies', () => {
  const recorder = new LatencyRecorder();
  for (let ms = 1; ms <= 1000; ms += 1) recorder.record(ms / 1000);

  it('give each percentile within the three figures they keep', () => {
    const table = latencyTable(recorder);

    expect(table.get(50)).toBeCloseTo(0.5, 2);
    expect(table.get(99)).toBeCloseTo(0.99, 2);
    expect(table.get(100)).toBeCloseTo(1, 2);
  });

  it('tell how many did not exceed a value', () => {
    expect(recorder.countUpTo(0.0005)).toBe(0);
    expect(recorder.countUpTo(0.2504)).toBe(250);
    expect(recorder.countUpTo(2)).toBe(1000);
  });

  it('have no values before the first', () => {
    expect([...latencyTable(new LatencyRecorder()).values()].every(Number.isNaN)).toBe(true);
  });
});
