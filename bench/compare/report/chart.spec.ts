import { oneWayChart } from './chart.js';
import { spreadOf } from './spread.js';

const report = {
  machine: {
    cpu: 'A & B <fast>',
    cores: 2,
    memoryGiB: 4,
    system: 'x',
    node: 'v20',
    loadBefore: 0,
    date: 'x',
  },
  settings: { rounds: 3, warmUpSeconds: 1, measureSeconds: 1 },
  left: {},
  product: [],
  targets: [],
};
const rates = (...values: number[]) => ({
  eventsPerSecond: spreadOf(values),
  cpuSecondsPerMillion: spreadOf([1]),
  lost: 0,
});

describe('oneWayChart', () => {
  it('draws nothing when the figure was not measured', () => {
    expect(oneWayChart(report)).toBeUndefined();
    expect(oneWayChart({ ...report, oneWay: {} })).toBeUndefined();
  });

  it('draws the fastest first, bars in proportion to the medians', () => {
    const svg =
      oneWayChart({ ...report, oneWay: { tcp: rates(50, 100, 150), zmq: rates(300, 400, 400) } }) ?? '';
    expect(svg.indexOf('zmq-transport')).toBeLessThan(svg.indexOf('Nest TCP'));
    const widths = [...svg.matchAll(/<rect x="\d+" y="\d+" width="([\d.]+)"/g)].map((match) =>
      Number(match[1]),
    );
    expect(widths).toEqual([430, 107.5]);
  });

  it('says the rounds and the machine of its own part, where a report is put together of parts', () => {
    const part = { machine: { ...report.machine, cpu: 'Slow' }, settings: { ...report.settings, rounds: 5 } };
    const svg = oneWayChart({ ...report, parts: { 'one-way': part }, oneWay: { tcp: rates(1) } }) ?? '';
    expect(svg).toContain('Slow, 2 cores, Node v20; median and spread of 5 rounds');
  });

  it('escapes what is not its own', () => {
    expect(oneWayChart({ ...report, oneWay: { tcp: rates(1) } })).toContain('A &amp; B &lt;fast&gt;');
  });
});
