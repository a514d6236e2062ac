import { spreadOf } from './spread.js';
import { targetVerdicts } from './targets.js';

type Measured = Parameters<typeof targetVerdicts>[0];

const nothing: Measured = {
  machine: { cpu: 'x', cores: 2, memoryGiB: 4, system: 'x', node: 'x', loadBefore: 0, date: 'x' },
  settings: { rounds: 2, warmUpSeconds: 1, measureSeconds: 1 },
  left: {},
};
const oneWay = (...rates: number[]) => ({
  eventsPerSecond: spreadOf(rates),
  cpuSecondsPerMillion: spreadOf([1]),
  lost: 0,
});
const latency = (p50: number) => ({ p50: spreadOf([p50]), p99: spreadOf([p50]) });
const mebibyte = 2 ** 20;

function memoryOf(lastMebibytes: number, refused: number): Measured {
  const sample = (events: number, producerMebibytes: number) => ({
    events,
    producerBytes: producerMebibytes * mebibyte,
    consumerBytes: 50 * mebibyte,
  });
  const away = { emitted: 100, queuedEvents: 60, refused, grownBytes: mebibyte };
  return { ...nothing, memory: { samples: [sample(1, 60), sample(2, 80), sample(3, lastMebibytes)], away } };
}

describe('targetVerdicts', () => {
  it('judges nothing that was not measured', () => {
    expect(targetVerdicts(nothing)).toEqual([]);
    expect(targetVerdicts({ ...nothing, oneWay: { zmq: oneWay(100) } })).toEqual([]);
  });

  it('reaches a rate at its limit, and misses it below', () => {
    const [reached] = targetVerdicts({ ...nothing, oneWay: { zmq: oneWay(70, 700), tcp: oneWay(10, 100) } });
    expect(reached).toMatchObject({ must: '≥ 7 × Nest TCP', reached: '7.00 ×', pass: true });
    const [missed] = targetVerdicts({ ...nothing, oneWay: { zmq: oneWay(69), tcp: oneWay(10) } });
    expect(missed).toMatchObject({ reached: '6.90 ×', pass: false });
  });

  it('misses a latency over its limit', () => {
    const verdicts = targetVerdicts({
      ...nothing,
      latency: { zmq: latency(30), tcp: latency(20), bare: latency(15) },
    });
    expect(verdicts.filter(({ figure }) => figure.endsWith('p50'))).toMatchObject([
      { must: '≤ 1 × Nest TCP', reached: '1.50 ×', pass: false },
      { must: '≤ 2 × the bare loop', reached: '2.00 ×', pass: true },
    ]);
  });

  it('calls memory flat from the second sample on, and growth growth', () => {
    expect(targetVerdicts(memoryOf(81, 40))).toMatchObject([{ pass: true }, { pass: true }]);
    expect(targetVerdicts(memoryOf(200, 40))[0]).toMatchObject({
      reached: '120.0 MiB more at the end',
      pass: false,
    });
  });

  it('does not call an outbox bounded that refused nothing', () => {
    expect(targetVerdicts(memoryOf(81, 0))[1]).toMatchObject({ pass: false });
  });
});
