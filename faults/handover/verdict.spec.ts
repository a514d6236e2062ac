import type { HandoverReport, RunReport } from './handover-run.js';
import { sharesOf } from './rate-reader.js';
import { violationsOf } from './verdict.js';

const kill: HandoverReport = {
  name: 'killed',
  isKill: true,
  successors: 1,
  startSeconds: 0,
  times: { healthy: 1, counting: 6.9 },
  ordinarySeconds: 2,
};
const kept: RunReport = {
  handovers: [kill],
  rates: [{ rule: 'side:trades:rate1m', highest: 1.05, last: 1 }],
  brief: { highest: 1.4, last: 1 },
  raw: { highest: 1.02, last: 1 },
  naive: { highest: 30, last: 1 },
  published: 100,
  counted: 100,
};

describe('the verdict on hand-overs', () => {
  it('is none when rate, time and count are as promised, whatever a rule without partitions says', () => {
    expect(violationsOf(kept)).toEqual([]);
  });

  it('names a rate that jumps, and one that is not seen', () => {
    const rates = [
      { rule: 'a', highest: 1.06, last: 1 },
      { rule: 'b', highest: 1, last: 0.5 },
      { rule: 'c', highest: Number.NaN, last: Number.NaN },
    ];
    expect(violationsOf({ ...kept, rates })).toEqual([
      'a rose to 1.060 × the offered rate',
      'b ended at 0.500 × the offered rate',
      'c rose to NaN × the offered rate',
      'c ended at NaN × the offered rate',
    ]);
  });

  it('names a kill that cost too much, and leaves what is no kill out', () => {
    const slow = { ...kill, times: { healthy: 1, counting: 7.1 } };
    expect(violationsOf({ ...kept, handovers: [slow, { ...slow, isKill: false }] })).toEqual([
      'the hand-over after a kill took 5.1 s beyond an ordinary start',
    ]);
  });

  it('names a count that is not what was published', () => {
    expect(violationsOf({ ...kept, counted: 101 })).toEqual(['100 events were published, 101 counted']);
  });

  it('takes the highest and the last rate of both sides as shares, and wants both', () => {
    const series = [
      [90, 120, 100],
      [80, 90, 99],
    ];
    expect(sharesOf(series, 100)).toEqual({ highest: 1.2, last: 1 });
    expect(() => sharesOf(series.slice(1), 100)).toThrow('1 series came');
  });
});
