import { LatencyRecorder } from '../measure/latency-recorder.js';
import { hdrText } from './hdr-text.js';

/** Rows as numbers: value in milliseconds, percentile, count, 1 / (1 − percentile). */
function rowsOf(text: string): number[][] {
  return text
    .split('\n')
    .filter((line) => /^ *\d/.test(line))
    .map((line) =>
      line
        .trim()
        .split(/ +/)
        .map((cell) => (cell === 'inf' ? Number.POSITIVE_INFINITY : Number(cell))),
    );
}

function recorded(count: number): LatencyRecorder {
  const recorder = new LatencyRecorder();
  for (let ms = 1; ms <= count; ms += 1) recorder.record(ms / 1000);
  return recorder;
}

describe('the percentile distribution as text', () => {
  const text = hdrText(recorded(1000));
  const rows = rowsOf(text);

  it('has the columns and the footer of HdrHistogram', () => {
    const lines = text.split('\n');

    expect(lines[0]).toMatch(/^ +Value +Percentile +TotalCount +1\/\(1-Percentile\)$/);
    expect(lines.at(-3)).toMatch(/^#\[Mean {4}= +500\.\d{3}, StdDeviation {3}= +288\.\d{3}\]$/);
    expect(lines.at(-2)).toMatch(/^#\[Max {5}= +\d+\.\d{3}, Total count {4}= +1000\]$/);
  });

  it('takes five steps to every halving of the distance to 100 %', () => {
    expect(rows.slice(0, 12).map(([, percentile]) => percentile)).toEqual([
      0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.775,
    ]);
  });

  it('has in each row a value, the share it covers, and the exact count up to it', () => {
    const [value = 0, , count, inverse] = rows.find(([, percentile]) => percentile === 0.9) ?? [];

    expect(value / 900).toBeCloseTo(1, 2);
    expect(count).toBe(900);
    expect(inverse).toBe(10);
  });

  it('ends with all observations at 100 %', () => {
    const [value = 0, percentile, count, inverse] = rows.at(-1) ?? [];

    expect([percentile, count, inverse]).toEqual([1, 1000, Number.POSITIVE_INFINITY]);
    expect(value / 1000).toBeCloseTo(1, 2);
  });

  it('never steps back', () => {
    for (const column of [0, 1, 2]) {
      const values = rows.map((row) => row[column] ?? Number.NaN);
      expect(values).toEqual(values.toSorted((a, b) => a - b));
    }
  });

  it('is short for one observation, and empty for none', () => {
    expect(rowsOf(hdrText(recorded(1))).map(([, percentile]) => percentile)).toEqual([0, 1]);
    expect(rowsOf(hdrText(recorded(0)))).toEqual([]);
  });
});
