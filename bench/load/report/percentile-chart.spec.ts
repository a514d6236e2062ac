import { LatencyRecorder } from '../measure/latency-recorder.js';
import { percentileChart } from './percentile-chart.js';

function chartOf(latenciesMs: readonly number[]): string {
  const recorder = new LatencyRecorder();
  for (const ms of latenciesMs) recorder.record(ms / 1000);
  return percentileChart(recorder, { title: 'Latency <of all>', subtitle: 'a & b' });
}

/** The curve's points in pixels. */
function curveOf(svg: string): [number, number][] {
  const text = /<polyline class="curve" points="([^"]*)"/.exec(svg)?.[1] ?? '';
  return text.split(' ').map((pair): [number, number] => {
    const [x = Number.NaN, y = Number.NaN] = pair.split(',').map(Number);
    return [x, y];
  });
}

describe('the percentile chart', () => {
  const svg = chartOf(Array.from({ length: 1000 }, (_, index) => (index + 1) / 10));

  it('draws a curve that rises to the right, inside the picture', () => {
    const curve = curveOf(svg);

    expect(curve.length).toBeGreaterThan(20);
    expect(curve.every(([x, y]) => x >= 80 && x <= 930 && y >= 70 && y <= 480)).toBe(true);
    expect(curve.map(([x]) => x)).toEqual(curve.map(([x]) => x).toSorted((a, b) => a - b));
    expect(curve.map(([, y]) => y)).toEqual(curve.map(([, y]) => y).toSorted((a, b) => b - a));
  });

  it('marks percentiles with their values, and labels both axes', () => {
    expect(svg).toMatch(/p50 {2}50\.\d\d ms/);
    expect(svg).toMatch(/p99 {2}99\.\d\d ms/);
    for (const label of ['0 %', '90 %', '99 %', '99.9 %', '1 ms', '100 ms'])
      expect(svg).toContain(`>${label}<`);
  });

  it('does not let a title break the picture', () => {
    expect(svg).toContain('Latency &lt;of all&gt;');
    expect(svg).toContain('a &amp; b');
  });

  it.each([
    ['one observation', [3]],
    ['none', []],
  ])('has numbers only, with %s', (_what, latencies) => {
    expect(chartOf(latencies)).not.toMatch(/NaN|Infinity|undefined/);
  });
});
