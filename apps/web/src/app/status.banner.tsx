import { Ban, CloudOff, TriangleAlert, Unplug } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Desk } from '../feed/desk.js';
import { useDesk, useMetrics } from '../feed/desk.context.js';
import { formatCount } from '../format/number.format.js';
import type { MetricsWatch } from '../metrics/metrics.watch.js';
import { cn } from '../ui/class.names.js';

interface Notice {
  readonly tone: 'bad' | 'warn';
  readonly icon: ReactNode;
  readonly text: string;
  /** Changes often: shown, and not read out at each change. */
  readonly detail?: string;
}

/** What becomes of events while the sidecar is away, by delivery. */
const AWAY: Readonly<Record<string, string>> = {
  'at-most-once':
    'The sidecar is away. Events wait in a bounded queue and may be dropped if it does not come back.',
  acknowledged: 'The sidecar is away. Events are kept in the publisher’s memory until it has counted them.',
  durable: 'The sidecar is away. Events are kept on the publisher’s disk until it has counted them.',
};

/** True when the sidecar is connected, and neither its stream nor its metrics say anything. */
export function isUnanswering(desk: Desk, { sidecar }: Pick<MetricsWatch, 'sidecar'>): boolean {
  return desk.linkUp && (desk.isSidecarSilent || (sidecar.up === false && desk.sidecar.state !== 'open'));
}

/** What people have to know before they go on; undefined when all is well. */
export function noticeOf(desk: Desk, metrics: MetricsWatch): Notice | undefined {
  if (desk.publisher.state === 'retrying') {
    const text = 'The publisher does not answer. Nothing on this screen is lost; trying again …';
    return { tone: 'bad', icon: <Unplug />, text };
  }
  if (desk.link?.state === 'refused') {
    // The publisher knows why, and where its events are meanwhile.
    const text = desk.link.notice ?? 'The sidecar refuses the publisher; the logs of both say why.';
    return { tone: 'bad', icon: <Ban />, text, detail: `${formatCount(desk.link.queued)} waiting` };
  }
  if (desk.link && !desk.linkUp) {
    const text = AWAY[desk.link.delivery ?? 'at-most-once'] ?? desk.link.notice ?? 'The sidecar is away.';
    return { tone: 'warn', icon: <CloudOff />, text, detail: `${formatCount(desk.link.queued)} waiting` };
  }
  if (isUnanswering(desk, metrics)) {
    const isKept = desk.link?.delivery !== undefined && desk.link.delivery !== 'at-most-once';
    const text = `The sidecar does not answer: the figures stand still. Events ${
      isKept ? 'are kept until it has counted them.' : 'wait, and may be dropped if it stays so.'
    }`;
    return { tone: 'warn', icon: <TriangleAlert />, text };
  }
  if (desk.linkUp && desk.sidecar.state === 'retrying') {
    const text =
      'Events are being sent, but the sidecar’s live stream cannot be read: receipts are not shown.';
    return { tone: 'warn', icon: <TriangleAlert />, text };
  }
  return undefined;
}

const TONES = { bad: 'bg-bad-soft text-bad', warn: 'bg-warn-soft text-warn' };

/** The line under the header while something is wrong. */
export function StatusBanner() {
  const notice = noticeOf(useDesk(), useMetrics());
  return (
    <div className={cn('flex items-center gap-2 px-3 text-sm', notice && ['py-2', TONES[notice.tone]])}>
      <span aria-hidden="true" className="[&_svg]:size-4">
        {notice?.icon}
      </span>
      {/* Always there: a live region is only heard when it was there before its text. */}
      <p role="status" data-testid="banner" className="font-medium">
        {notice?.text}
      </p>
      {notice?.detail !== undefined && (
        <p data-testid="waiting" className="ml-auto font-semibold whitespace-nowrap">
          {notice.detail}
        </p>
      )}
    </div>
  );
}
