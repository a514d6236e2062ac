import type { Measured } from './bench-report.js';
import { merged } from './judge.js';
import { spreadOf } from './spread.js';

const part = (loadBefore: number) => ({
  machine: { cpu: 'x', cores: 2, memoryGiB: 4, system: 'x', node: 'x', loadBefore, date: 'x' },
  settings: { rounds: 1, warmUpSeconds: 1, measureSeconds: 1 },
});
const cost = (cpuMicros: number) => ({ perSecond: spreadOf([1]), cpuMicros: spreadOf([cpuMicros]) });
const kept: Measured = {
  ...part(0),
  parts: { posts: part(0), emit: part(0) },
  posts: { publisher: cost(50), 'publisher-bare': cost(40) },
  emit: { emit: cost(1) },
  left: {
    tcp: 'one-way: ended',
    nats: 'nats-server is not installed',
    'emit-hot-shots': 'hot-shots not installed in bench/clients',
    'publisher-original': 'posts: ended',
  },
};

describe('merged', () => {
  it('puts whole figures in the place of the same ones, keeps the others, and judges all anew', () => {
    const run: Measured = {
      ...part(3),
      parts: { posts: part(3) },
      posts: { publisher: cost(80), 'publisher-bare': cost(40) },
      left: {},
    };
    const report = merged(kept, run);
    expect(report.posts?.['publisher']?.cpuMicros.median).toBe(80);
    expect(report.emit).toEqual(kept.emit);
    expect(report.parts).toEqual({ posts: part(3), emit: part(0) });
    expect(report.product.find(({ figure }) => figure.startsWith('post: processor'))?.reached).toBe('0.50');
  });

  it('takes the word of the run for peers of its figures, and of what is kept for the others', () => {
    const run: Measured = {
      ...part(3),
      parts: { posts: part(3), emit: part(3), latency: part(3) },
      left: { publisher: 'posts: refused' },
    };
    expect(merged(kept, run).left).toEqual({
      publisher: 'posts: refused',
      tcp: 'one-way: ended',
      nats: 'nats-server is not installed',
    });
  });

  it('is the run itself where nothing is kept', () => {
    expect(merged(undefined, kept)).toMatchObject(kept);
  });
});
