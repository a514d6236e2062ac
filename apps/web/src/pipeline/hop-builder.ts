import { isBroadcast, keepsEvents, linkWords, peerOf } from '../feed/delivery-words.js';
import type { Desk } from '../feed/desk.js';
import { formatBytes, formatClock, formatCount, formatFitting, formatShort } from '../format/figures.js';
import { sinceKept, sinceStart } from '../metrics/counted-since.js';
import type { AppReadings } from '../metrics/app-readings.js';
import type { MetricsWatch } from '../metrics/metrics-watch.js';
import type { Hop, HopFigure } from './hop.js';
import type { PageSettings } from './page-settings.js';
import type { PrometheusState } from './prometheus-state.js';

/** All data of the diagram. */
export interface HopSources {
  readonly desk: Desk;
  readonly metrics: MetricsWatch;
  readonly settings: PageSettings | undefined;
  readonly prometheus: PrometheusState;
}

const GOOD = (word: string) => ({ word, tone: 'good' as const });
const WARN = (word: string) => ({ word, tone: 'warn' as const });
const BAD = (word: string) => ({ word, tone: 'bad' as const });
const NEUTRAL = (word: string) => ({ word, tone: 'neutral' as const });

function sum(readings: AppReadings, metric: string): number | undefined {
  return readings.now?.exposition.sum(metric);
}

function lastFault({ fault }: AppReadings): Pick<Hop, 'fault'> {
  return fault ? { fault: `${fault.message}, ${formatClock(fault.at)}` } : {};
}

/** A counter's total, and below it each reason that has counted anything. */
function byReason(readings: AppReadings, name: string, metric: string): HopFigure[] {
  const reasons = readings.now?.exposition.by(metric, 'reason').filter(({ count }) => count > 0) ?? [];
  return [
    { name, value: formatCount(sum(readings, metric)) },
    ...reasons.map(({ value, count }) => ({ name: value, value: formatCount(count), isPart: true })),
  ];
}

function upOrDown({ up }: AppReadings): Hop['state'] {
  if (up === undefined) return NEUTRAL('asking');
  return up ? GOOD('up') : BAD('down');
}

function pageHop({ desk }: HopSources): Hop {
  const [first, second] = [desk.publisher, desk.sidecar];
  const missing = first.state === 'open' ? (second.state === 'open' ? undefined : 'sidecar') : 'publisher';
  const reason = first.reason ?? second.reason;
  return {
    name: 'Page',
    about: 'this window',
    state: missing === undefined ? GOOD('both feeds open') : WARN(`no feed: ${missing}`),
    figures: [
      { name: 'trades emitted', value: formatCount(desk.emitted) },
      { name: 'rows on the tape', value: formatCount(desk.tape.size) },
    ],
    source: 'this page, since it was opened',
    ...(reason !== undefined && missing !== undefined && { fault: reason }),
    links: [],
  };
}

function publisherHop({ metrics }: HopSources): Hop {
  const { publisher } = metrics;
  return {
    name: 'Publisher',
    about: 'accepts posted trades',
    state: upOrDown(publisher),
    figures: [
      {
        name: 'accepted /s',
        value: formatShort(metrics.rate('publisher', 'trading_publisher_accepted_total')),
      },
      { name: 'accepted', value: formatCount(sum(publisher, 'trading_publisher_accepted_total')) },
      ...byReason(publisher, 'refused', 'trading_publisher_refused_total'),
    ],
    source: `publisher, ${sinceStart(publisher)}`,
    ...lastFault(publisher),
    links: [
      { label: 'API', href: 'docs' },
      { label: 'Metrics', href: 'metrics' },
      { label: 'Health', href: 'health' },
    ],
  };
}

function outboxHop({ desk: { link, isDropping }, metrics: { publisher } }: HopSources): Hop {
  const isSpool = keepsEvents(link);
  const waiting = sum(publisher, isSpool ? 'trading_spool_events' : 'trading_transport_queue_depth');
  const filled = waiting === undefined ? NEUTRAL('unknown') : waiting > 0 ? WARN('waiting') : GOOD('empty');
  return {
    name: link?.delivery === 'durable' ? 'Spool' : 'Outbox',
    about: link?.delivery === 'durable' ? 'on disk, bounded' : 'in memory, bounded',
    state: isDropping ? BAD('dropping') : filled,
    figures: [
      { name: isSpool ? 'unacknowledged' : 'waiting', value: formatCount(waiting) },
      {
        name: 'size',
        value: formatBytes(sum(publisher, isSpool ? 'trading_spool_bytes' : 'trading_transport_queue_bytes')),
      },
      ...byReason(publisher, 'dropped', 'trading_transport_drops_total'),
    ],
    source: `publisher: now; dropped ${sinceStart(publisher)}`,
    links: [],
  };
}

function linkState({ link, linkUp }: Desk): Hop['state'] {
  if (link === undefined) return NEUTRAL('unknown');
  if (linkUp) return GOOD('link up');
  // A denied link does not come up by itself; that to a missing sidecar may.
  return link.state === 'refused' ? BAD('link denied') : WARN('link down');
}

function linkHop({ desk, metrics }: HopSources): Hop {
  const { publisher } = metrics;
  const isBroker = peerOf(desk.link) === 'broker';
  // What counts as sent over NATS is what the broker has stored.
  const sent = isBroker ? 'stored' : 'sent';
  return {
    name: isBroker ? 'NATS' : 'ZeroMQ',
    about: linkWords(desk.link) || 'the link',
    state: linkState(desk),
    figures: [
      { name: `${sent} /s`, value: formatShort(metrics.rate('publisher', 'trading_transport_sent_total')) },
      {
        name: 'messages /s',
        value: formatShort(metrics.rate('publisher', 'trading_transport_batches_total')),
      },
      { name: sent, value: formatCount(sum(publisher, 'trading_transport_sent_total')) },
      { name: 'reconnects', value: formatCount(sum(publisher, 'trading_transport_reconnects_total')) },
    ],
    source: `publisher, ${sinceStart(publisher)}`,
    ...(desk.link?.notice !== undefined && { fault: desk.link.notice }),
    links: [],
  };
}

function sidecarHop({ desk, metrics, settings }: HopSources): Hop {
  const { sidecar, keepsState } = metrics;
  const isReceiving = sum(sidecar, 'trading_transport_link_up') === 1;
  const up = isReceiving ? GOOD('receiving') : BAD('not receiving');
  const started = sinceStart(sidecar);
  return {
    name: 'Sidecar',
    about: 'receives, applies or rejects',
    state: sidecar.up ? up : upOrDown(sidecar),
    figures: [
      {
        name: 'received /s',
        value: formatShort(metrics.rate('sidecar', 'trading_transport_received_total')),
      },
      { name: 'received', value: formatCount(sum(sidecar, 'trading_transport_received_total')) },
      ...(isBroadcast(desk.link)
        ? [{ name: 'missed', value: formatCount(sum(sidecar, 'trading_transport_missed_total')) }]
        : []),
      ...byReason(sidecar, 'rejected', 'trading_events_rejected_total'),
    ],
    source: keepsState
      ? `sidecar: received ${started}; rejected ${sinceKept(metrics)}`
      : `sidecar, ${started}`,
    ...lastFault(sidecar),
    links: settings
      ? [
          { label: 'API', href: `${settings.sidecarUrl}/docs` },
          { label: 'Health', href: 'sidecar/health' },
        ]
      : [],
  };
}

function metricsHop({ metrics }: HopSources): Hop {
  const { sidecar } = metrics;
  return {
    name: 'Metrics',
    about: 'trades applied',
    state: sidecar.up === undefined ? NEUTRAL('asking') : sidecar.up ? GOOD('readable') : BAD('not readable'),
    figures: [
      { name: 'trades /s', value: formatShort(metrics.rate('sidecar', 'trades_total')) },
      { name: 'trades', value: formatCount(sum(sidecar, 'trades_total')) },
      { name: 'volume', value: formatFitting(sum(sidecar, 'volume_total')) },
    ],
    source: `sidecar, ${sinceKept(metrics)}`,
    links: [{ label: 'Metrics', href: 'sidecar/metrics' }],
  };
}

function prometheusHop({ settings, prometheus }: HopSources): Hop {
  const hop = { name: 'Prometheus', about: 'scrapes and keeps' };
  if (!settings?.prometheusUrl) {
    return {
      ...hop,
      state: NEUTRAL('not configured'),
      figures: [{ name: 'set', value: 'PROMETHEUS_URL' }],
      links: [],
    };
  }
  const { targets, fault } = prometheus;
  const up = targets?.filter((target) => target.up).length;
  return {
    ...hop,
    state: scrapeState(prometheus),
    figures: [{ name: 'targets up', value: targets ? `${up} of ${targets.length}` : '–' }],
    source: 'Prometheus, now',
    ...(fault !== undefined && { fault }),
    links: [{ label: 'Prometheus', href: settings.prometheusUrl }],
  };
}

function scrapeState({ targets, fault }: PrometheusState): Hop['state'] {
  if (targets === undefined) return fault === undefined ? NEUTRAL('asking') : BAD('down');
  const isGood = targets.length > 0 && targets.every((target) => target.up);
  return isGood ? GOOD('scraping') : WARN('targets down');
}

function grafanaHop({ settings }: HopSources): Hop {
  const url = settings?.grafanaUrl;
  return {
    name: 'Grafana',
    about: 'dashboards',
    // The page sends Grafana no request: it only knows whether there is an address.
    state: NEUTRAL(url ? 'linked, not checked' : 'not configured'),
    figures: url ? [] : [{ name: 'set', value: 'GRAFANA_URL' }],
    links: url ? [{ label: 'Grafana', href: url }] : [],
  };
}

/** The stops of an event's way, in its direction. */
export function buildHops(sources: HopSources): Hop[] {
  const builders = [
    pageHop,
    publisherHop,
    outboxHop,
    linkHop,
    sidecarHop,
    metricsHop,
    prometheusHop,
    grafanaHop,
  ];
  return builders.map((build) => build(sources));
}
