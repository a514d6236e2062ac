import { QueryClient } from '@tanstack/react-query';
import { Exposition } from '../metrics/exposition.js';
import { MetricsWatch } from '../metrics/metrics-watch.js';
import { buildFlow } from './flow-builder.js';
import type { Hop } from './hop.js';

const NAMES = ['Page', 'Publisher', 'Outbox', 'ZeroMQ', 'Sidecar', 'Metrics', 'Prometheus', 'Grafana'];
const hops = NAMES.map((name): Hop => ({
  name,
  about: '',
  state: { word: name === 'Grafana' ? 'not configured' : 'up', tone: 'neutral' },
  figures: [{ name: 'accepted', value: '70' }],
  links: [],
}));

/** Two readings of both apps, two seconds apart. */
function watchOf(before: string, now: string): MetricsWatch {
  const metrics = new MetricsWatch(new QueryClient());
  for (const app of [metrics.publisher, metrics.sidecar]) {
    app.before = { at: 100, exposition: new Exposition(before) };
    app.now = { at: 102, exposition: new Exposition(now) };
    app.up = true;
  }
  return metrics;
}

const BEFORE = `trading_publisher_accepted_total 50
trading_publisher_refused_total{reason="invalid_qty"} 0
trading_transport_sent_total 50
trading_transport_received_total 49
trades_total{side="buy"} 40
trading_events_rejected_total{reason="malformed"} 2
`;
const NOW = `trading_publisher_accepted_total 70
trading_publisher_refused_total{reason="invalid_qty"} 6
trading_transport_sent_total 68
trading_transport_received_total 65
trades_total{side="buy"} 54
trading_events_rejected_total{reason="malformed"} 4
`;

describe('the picture of the pipeline', () => {
  it('has on each arrow the events a second by the metrics; what is posted is accepted or refused', () => {
    const { arrows } = buildFlow(hops, watchOf(BEFORE, NOW));
    expect(arrows.map(({ word, rate }) => [word, rate])).toEqual([
      ['posted', 13],
      ['accepted', 10],
      ['sent', 9],
      ['received', 8],
      ['applied', 7],
      ['', undefined],
      ['', undefined],
    ]);
    expect(arrows.map(({ isWired }) => isWired)).toEqual([true, true, true, true, true, true, false]);
  });

  it('shows what leaves the way where it leaves it', () => {
    const { branches, stops } = buildFlow(hops, watchOf(BEFORE, NOW));
    expect(branches).toEqual([
      { at: 1, word: 'refused', total: 6, rate: 3 },
      { at: 2, word: 'dropped', total: undefined, rate: undefined },
      { at: 4, word: 'rejected', total: 4, rate: 1 },
    ]);
    expect(stops[1]).toMatchObject({ name: 'Publisher', figure: '70 accepted' });
  });

  it('has no rate of an app that does not answer', () => {
    const metrics = watchOf(BEFORE, NOW);
    metrics.sidecar.up = false;
    metrics.publisher.up = false;
    expect(buildFlow(hops, metrics).arrows.every(({ rate }) => rate === undefined)).toBe(true);
  });
});
