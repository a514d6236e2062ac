import fc from 'fast-check';
import { Histogram, type OpenMetricsContentType, Registry } from 'prom-client';
import { BucketHistogram } from './bucket-histogram.js';

const buckets = [0.001, 0.01, 0.1, 1];
const plain = { name: 'plain_seconds', help: 'Without labels.', labelNames: [], buckets };
const labelled = { name: 'stage_seconds', help: 'By stage.', labelNames: ['stage' as const], buckets };

/** Both kinds, each in a registry of its own. */
function pair() {
  const [theirs, ours] = [new Registry(), new Registry()];
  return {
    theirs,
    ours,
    theirPlain: new Histogram({ ...plain, registers: [theirs] }),
    ourPlain: new BucketHistogram(plain, [ours]),
    theirLabelled: new Histogram({ ...labelled, registers: [theirs] }),
    ourLabelled: new BucketHistogram(labelled, [ours]),
  };
}

const value = fc.oneof(fc.double({ min: -1, max: 2, noNaN: true }), fc.constantFrom(...buckets, 0, -0));

describe('BucketHistogram', () => {
  it('reads as prom-client’s histogram, to the byte and to the last bit of the sum', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(value, fc.constantFrom('a', 'b'))), async (observed) => {
        const { theirs, ours, theirPlain, ourPlain, theirLabelled, ourLabelled } = pair();
        expect(await ours.metrics()).toBe(await theirs.metrics());
        const series = { a: ourLabelled.series({ stage: 'a' }), b: ourLabelled.series({ stage: 'b' }) };
        for (const [seconds, stage] of observed) {
          theirPlain.observe(seconds);
          ourPlain.observe(seconds);
          theirLabelled.labels(stage).observe(seconds);
          series[stage as 'a' | 'b'].add(seconds);
        }
        expect(await ours.metrics()).toBe(await theirs.metrics());
      }),
      { numRuns: 50 },
    );
  });

  it('observes a value several times at once', async () => {
    const { theirs, ours, theirPlain, ourPlain } = pair();
    for (let n = 0; n < 3; n += 1) theirPlain.observe(0.5);
    ourPlain.observe(0.5, 3);
    expect(await ours.metrics()).toBe(await theirs.metrics());
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('refuses %p', (seconds) => {
    expect(() => pair().ourPlain.observe(seconds)).toThrow(TypeError);
  });

  it('is at zero again after a reset of the registry', async () => {
    const { theirs, ours, theirPlain, ourPlain } = pair();
    const fresh = await ours.metrics();
    ourPlain.observe(0.5);
    ours.resetMetrics();
    expect(await ours.metrics()).toBe(fresh);
    theirPlain.observe(1);
    ourPlain.observe(1);
    expect(await ours.metrics()).toBe(await theirs.metrics());
  });

  it('takes its name for itself', () => {
    const registry = new Registry();
    expect(new BucketHistogram(plain, [registry]).name).toBe(plain.name);
    expect(() => new BucketHistogram(plain, [registry])).toThrow(/already been registered/);
  });
});

/** prom-client stamps an exemplar with the system's clock. */
function withoutTimes(text: string): string {
  return text.replaceAll(/(# \{.*\} \S+) \S+$/gm, '$1 T');
}

describe('exemplars', () => {
  it('stand at the bucket of their value in OpenMetrics, written as prom-client writes them', async () => {
    const theirs = new Registry<OpenMetricsContentType>();
    const ours = new Registry<OpenMetricsContentType>();
    for (const registry of [theirs, ours]) registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
    const theirHistogram = new Histogram({
      ...plain,
      labelNames: ['trace_id'],
      enableExemplars: true,
      registers: [theirs as never],
    });
    const ourHistogram = new BucketHistogram(plain, [ours as never]);
    for (const value of [0.05, 0.06, 7]) {
      theirHistogram.observe({ labels: {}, value, exemplarLabels: { trace_id: `t${value}` } } as never);
      ourHistogram.observe(value);
      ourHistogram.only.exemplify({ labelSet: { trace_id: `t${value}` }, value, timestamp: 1 });
    }
    expect(await ours.metrics()).toContain('le="0.1"} 2 # {trace_id="t0.06"} 0.06 1');
    expect(withoutTimes(await ours.metrics())).toBe(withoutTimes(await theirs.metrics()));
  });

  it('change nothing in the plain text', async () => {
    const { ours, ourPlain } = pair();
    ourPlain.observe(0.05);
    const before = await ours.metrics();
    ourPlain.only.exemplify({ labelSet: { trace_id: 't' }, value: 0.05, timestamp: 1 });
    expect(await ours.metrics()).toBe(before);
  });
});
