import type { Desk } from '../feed/desk.js';
import { formatBytes, formatCount, formatShort } from '../format/number.format.js';
import { formatTime } from '../format/time.format.js';
import type { AppReadings, MetricsWatch } from '../metrics/metrics.watch.js';
import type { Hop } from './hop.js';
import type { PageSettings } from './page.settings.js';
import type { PrometheusState } from './prometheus.state.js';

/** All that the diagram is drawn from. */
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
  return fault ? { fault: `${fault.message}, ${formatTime(fault.at)}` } : {};
}

function pageHop({ desk }: HopSources): Hop {
  const [first, second] = [desk.publisher, desk.sidecar];
  const isOpen = first.state === 'open' && second.state === 'open';
  const reason = first.reason ?? second.reason;
  return {
    name: 'Page',
    about: 'this window',
    state: isOpen ? GOOD('both feeds open') : WARN(`feeds: ${first.state}, ${second.state}`),
    figures: [
      { name: 'seen emitted', value: formatCount(desk.emitted) },
      { name: 'rows kept', value: formatCount(desk.tape.size) },
    ],
    ...(reason !== undefined && !isOpen && { fault: reason }),
    links: [],
  };
}

function publisherHop({ metrics }: HopSources): Hop {
  const { publisher } = metrics;
  return {
    name: 'Publisher',
    about: 'takes trades',
    state: publisher.up === undefined ? NEUTRAL('asking') : publisher.up ? GOOD('up') : BAD('away'),
    figures: [
      {
        name: 'accepted /s',
        value: formatShort(metrics.rate('publisher', 'trading_publisher_accepted_total')),
      },
      { name: 'accepted', value: formatCount(sum(publisher, 'trading_publisher_accepted_total')) },
      { name: 'refused', value: formatCount(sum(publisher, 'trading_publisher_refused_total')) },
    ],
    ...lastFault(publisher),
    links: [
      { label: 'API', href: 'docs' },
      { label: 'Metrics', href: 'metrics' },
      { label: 'Health', href: 'health' },
    ],
  };
}

/** Whether events are kept until the sidecar has acknowledged them. */
function keepsEvents({ link }: Desk): boolean {
  return link?.delivery === 'acknowledged' || link?.delivery === 'durable';
}

function outboxHop({ desk, metrics }: HopSources): Hop {
  const queued = desk.link?.queued ?? sum(metrics.publisher, 'trading_transport_queue_depth');
  const drops = sum(metrics.publisher, 'trading_transport_drops_total');
  const isSpool = keepsEvents(desk);
  return {
    name: isSpool ? 'Spool' : 'Outbox',
    about: !isSpool ? 'bounded queue' : desk.link?.delivery === 'durable' ? 'on disk' : 'in memory',
    state: queued === undefined ? NEUTRAL('unknown') : queued > 0 ? WARN('waiting') : GOOD('empty'),
    figures: [
      { name: isSpool ? 'unconfirmed' : 'waiting', value: formatCount(queued) },
      {
        name: 'bytes',
        value: formatBytes(
          sum(metrics.publisher, isSpool ? 'trading_spool_bytes' : 'trading_transport_queue_bytes'),
        ),
      },
      { name: 'dropped', value: formatCount(drops) },
    ],
    links: [],
  };
}

/** A refusal does not pass by itself; an absence does. */
function awayState(state: string): Hop['state'] {
  return state === 'refused' ? BAD(state) : WARN(state);
}

function linkHop({ desk, metrics }: HopSources): Hop {
  return {
    name: 'ZeroMQ',
    about: keepsEvents(desk) ? 'DEALER to ROUTER' : 'PUSH to PULL',
    state:
      desk.link === undefined
        ? NEUTRAL('unknown')
        : desk.linkUp
          ? GOOD('connected')
          : awayState(desk.link.state),
    figures: [
      { name: 'sent /s', value: formatShort(metrics.rate('publisher', 'trading_transport_sent_total')) },
      {
        name: 'messages /s',
        value: formatShort(metrics.rate('publisher', 'trading_transport_batches_total')),
      },
      {
        name: 'reconnects',
        value: formatCount(sum(metrics.publisher, 'trading_transport_reconnects_total')),
      },
    ],
    ...(desk.link?.notice !== undefined && { fault: desk.link.notice }),
    links: [],
  };
}

function sidecarHop({ desk, metrics, settings }: HopSources): Hop {
  const { sidecar } = metrics;
  const isReceiving = sum(sidecar, 'trading_transport_link_up') === 1;
  const up = isReceiving ? GOOD('receiving') : BAD('not receiving');
  return {
    name: 'Sidecar',
    about: 'counts trades',
    state: sidecar.up === undefined ? NEUTRAL('asking') : sidecar.up ? up : BAD('away'),
    figures: [
      {
        name: 'received /s',
        value: formatShort(metrics.rate('sidecar', 'trading_transport_received_total')),
      },
      { name: 'received', value: formatCount(sum(sidecar, 'trading_transport_received_total')) },
      { name: 'rejected', value: formatCount(desk.totals ? desk.rejected : undefined) },
    ],
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
    about: 'what was counted',
    state: sidecar.up === undefined ? NEUTRAL('asking') : sidecar.up ? GOOD('readable') : BAD('not readable'),
    figures: [
      { name: 'trades /s', value: formatShort(metrics.rate('sidecar', 'trades_total')) },
      { name: 'trades', value: formatCount(sum(sidecar, 'trades_total')) },
      { name: 'volume', value: formatShort(sum(sidecar, 'volume_total')) },
    ],
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
  const isGood = targets !== undefined && up === targets.length && targets.length > 0;
  return {
    ...hop,
    state:
      targets === undefined
        ? fault
          ? BAD('away')
          : NEUTRAL('asking')
        : isGood
          ? GOOD('scraping')
          : WARN('targets down'),
    figures: [{ name: 'targets up', value: targets ? `${up} of ${targets.length}` : '–' }],
    ...(fault !== undefined && { fault }),
    links: [{ label: 'Prometheus', href: settings.prometheusUrl }],
  };
}

function grafanaHop({ settings }: HopSources): Hop {
  const url = settings?.grafanaUrl;
  return {
    name: 'Grafana',
    about: 'dashboards',
    // The page asks nothing of Grafana: it cannot say more than that there is an address.
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
