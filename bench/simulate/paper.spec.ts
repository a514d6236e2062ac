import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { streamCapacity, utilisation } from './closed-forms.js';
import { measuredCosts } from './costs.js';
import { paperTable, planFor } from './paper.js';
import { Simulation } from './simulation.js';

describe('the arithmetic on paper', () => {
  it('is what the document shows', () => {
    const document = readFileSync(join(__dirname, '../../docs/how-to/scale-out.md'), 'utf8');
    const rows = [1e6, 1e7].map((rate) => {
      const { streams, publishers, sidecars, partitions } = planFor(rate);
      return `| 10${rate === 1e6 ? '⁶' : '⁷'} | ${[streams, publishers, sidecars, partitions].join(' | ')} |`;
    });
    expect(document).toContain(`\n${rows.join('\n')}\n`);
    for (const rate of [1e6, 1e7])
      expect(paperTable()).toContain(planFor(rate).series.toLocaleString('en-US'));
  });

  it('holds in the simulation of one of its streams', () => {
    const { streams, publishers, sidecars, partitions } = planFor(1e6);
    const rate = 1e6 / streams;
    const costs = measuredCosts(3);
    const result = new Simulation({
      rate,
      seconds: 5,
      publishers: publishers / streams,
      sidecars: sidecars / streams,
      partitions: partitions / streams,
      eventsPerMessage: 256,
      arrivals: 'even',
      seed: 1,
      costs,
    }).run();
    expect(result.utilisation.stream).toBeCloseTo(utilisation(rate, streamCapacity(costs, 256)), 2);
    expect(Math.max(result.utilisation.publisher, result.utilisation.busiestSidecar)).toBeLessThan(0.7);
    expect(result.waiting.stream + result.waiting.publishers).toBeLessThan(1000);
  });
});
