import type { Measured } from './bench-report.js';
import { productRows } from './product.js';
import { spreadOf } from './spread.js';

const part = {
  machine: {
    cpu: 'x',
    cores: 2,
    memoryGiB: 4,
    system: 'x',
    node: 'v20',
    loadBefore: 0.5,
    date: '2026-11-27T01:00:00Z',
  },
  settings: { rounds: 2, warmUpSeconds: 1, measureSeconds: 1 },
};
const nothing: Measured = { ...part, left: {} };
const cost = (perSecond: number[], cpuMicros: number[]) => ({
  perSecond: spreadOf(perSecond),
  cpuMicros: spreadOf(cpuMicros),
});

const at = (p50: number, p99: number) => ({ p50: spreadOf([p50]), p99: spreadOf([p99]) });

describe('productRows', () => {
  it('has a row for what was measured, and for nothing else', () => {
    expect(productRows(nothing)).toEqual([]);
  });

  it('compares the processor time of the bare loop with ours, and rates with the original design, within a round', () => {
    const arrays = {
      sidecar: cost([300, 3000], [2, 20]),
      'sidecar-bare': cost([900, 9000], [1, 10]),
      'sidecar-original': cost([100, 1000], [10, 10]),
    };
    const single = {
      ...arrays,
      sidecar: cost([90, 900], [2, 20]),
      'sidecar-original': cost([10, 100], [60, 60]),
    };
    const intake = { 'arrays of 256': arrays, 'one event a message': single };
    const [bare, original] = productRows({ ...nothing, intake });
    expect(bare).toMatchObject({
      must: '≥ 0.30 / ≥ 0.60',
      reached: '0.50 / 0.50',
      verdict: 'reached / missed',
    });
    expect(bare?.cpuMicros).toBe('11.0 / 11.0; bare 5.50 / 5.50');
    expect(original).toMatchObject({
      must: '≥ 30.00 / ≥ 10.00 / –',
      reached: '30.00 / 9.00 / 3.00',
      verdict: 'reached / missed',
    });
  });

  it('says that a ratio was not measured when a peer is missing, and shows what is there', () => {
    const [bare, original] = productRows({
      ...nothing,
      posts: { publisher: cost([5], [50]), 'publisher-bare': cost([9], [20]) },
    });
    expect(bare).toMatchObject({ reached: '0.40', verdict: 'missed', rate: '5; bare 9' });
    expect(original).toMatchObject({ reached: '– / –', verdict: 'not measured', rate: '5; original – / –' });
  });

  it('holds what emit costs under its limits', () => {
    const emit = {
      emit: cost([9], [0.7]),
      'emit-prom-client': cost([9], [0.7]),
      'emit-hot-shots': cost([1], [5]),
    };
    expect(productRows({ ...nothing, emit })).toMatchObject([
      { must: '≤ 1.00 / ≤ 0.12', reached: '1.00 / 0.14', verdict: 'reached / missed' },
    ]);
  });

  it('judges latency by the bare loop and by Nest TCP', () => {
    const latency = { zmq: at(11, 100), bare: at(10, 50), tcp: at(5, 200) };
    expect(productRows({ ...nothing, latency })).toMatchObject([
      { reached: '1.10 / 2.00 / 2.20 / 0.50', verdict: 'reached / missed / missed / reached' },
    ]);
  });

  it('shows requests of a run that was kept before their processor time was measured', () => {
    const run = { requestsPerSecond: spreadOf([8]), p50: spreadOf([1]), p99: spreadOf([1]) };
    const requests = { 'concurrency 1': { 'zmq-request': run, 'bare-request': run } };
    expect(productRows({ ...nothing, requests })).toMatchObject([
      {
        reached: '1.00 / – / –',
        verdict: 'reached / not measured / not measured',
        cpuMicros: '– / – / –; bare – / – / –',
      },
    ]);
  });

  it('is ten rows for everything', () => {
    const feed = { sidecar: cost([1], [1]) };
    const everything: Measured = {
      ...nothing,
      parts: { intake: part },
      intake: { a: feed, b: feed },
      posts: {},
      emit: {},
      oneWay: {},
      latency: {},
      requests: {},
      memory: { samples: [], away: { emitted: 0, queuedEvents: 0, refused: 0, grownBytes: 0 } },
    };
    expect(productRows(everything)).toHaveLength(10);
  });
});
