import { LatencyRecorder } from './latency.recorder.js';

describe('the latency table', () => {
  it('gives each percentile within the three figures it keeps', () => {
    const recorder = new LatencyRecorder();
    for (let ms = 1; ms <= 1000; ms += 1) recorder.record(ms / 1000);

    const table = recorder.table();

    expect(table.get(50)).toBeCloseTo(0.5, 2);
    expect(table.get(99)).toBeCloseTo(0.99, 2);
    expect(table.get(100)).toBeCloseTo(1, 2);
  });
});
