import { Exposition } from './exposition.js';
import { FigureHistory, FIGURES_KEPT } from './figure-history.js';

const reading = (text: string) => ({ now: { at: 0, exposition: new Exposition(text) }, up: true });

const SIDECAR = reading(`trading_window_volume{side="all",window="1m"} 12
trading_window_volume{side="buy",window="1m"} 9
trading_window_imbalance{window="1m"} 0.5
trading_receive_latency_quantile_seconds{quantile="0.99"} 0.004
trading_events_rejected_total{reason="malformed"} 2
trading_events_rejected_total{reason="invalid_qty"} 3
`);
const PUBLISHER = reading('trading_transport_queue_depth 4\ntrading_spool_events 0\n');
const rate = () => 7;

describe('the headline figures', () => {
  it('are those of /metrics', () => {
    const history = new FigureHistory();
    history.take({ publisher: PUBLISHER, sidecar: SIDECAR, rate }, 100);
    expect(history.all).toEqual([
      { at: 100, rate: 7, volume: 12, imbalance: 0.5, p99: 0.004, waiting: 4, rejected: 5 },
    ]);
  });

  it('count as waiting what is unacknowledged, and what waits in the broker', () => {
    const history = new FigureHistory();
    const publisher = reading('trading_transport_queue_depth 2\ntrading_spool_events 9\n');
    const sidecar = reading(
      'trading_broker_pending{partition="0"} 3\ntrading_broker_pending{partition="1"} 4\n',
    );
    history.take({ publisher, sidecar, rate }, 100);
    expect(history.all[0]?.waiting).toBe(9 + 7);
  });

  it('are unknown of an app that does not answer', () => {
    const history = new FigureHistory();
    history.take({ publisher: { ...PUBLISHER, up: false }, sidecar: { ...SIDECAR, up: false }, rate }, 100);
    expect(history.all).toEqual([{ at: 100 }]);
  });

  it('reach back a minute, however long the page is open', () => {
    const history = new FigureHistory();
    for (let at = 0; at < 3600; at += 1) history.take({ publisher: PUBLISHER, sidecar: SIDECAR, rate }, at);
    expect(history.all).toHaveLength(FIGURES_KEPT);
    expect(history.all.at(-1)?.at).toBe(3599);
  });
});
