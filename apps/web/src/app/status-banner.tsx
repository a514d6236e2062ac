import { Ban, CloudOff, TriangleAlert, Unplug } from 'lucide-react';
import type { ReactNode } from 'react';
import { isBroadcast, keepsEvents, peerOf, waitingPlace } from '../feed/delivery-words.js';
import type { Desk } from '../feed/desk.js';
import { useDesk, useMetrics } from '../feed/desk-context.js';
import type { LinkReport } from '../feed/feed-items.js';
import { formatCount } from '../format/figures.js';
import type { MetricsWatch } from '../metrics/metrics-watch.js';
import { cn } from '../ui/class-names.js';

interface Notice {
  readonly tone: 'bad' | 'warn';
  readonly icon: ReactNode;
  readonly text: string;
  /** Changes often: shown, but not read out at each change. */
  readonly detail?: string;
}

/** What happens to events while the sidecar is connected and does not answer. */
function fateOfEvents(link: LinkReport | undefined): string {
  if (peerOf(link) === 'broker') return 'Events wait in the broker’s stream until it counts them.';
  if (keepsEvents(link)) return `Events stay ${waitingPlace(link)} until it acknowledges them.`;
  if (isBroadcast(link)) return 'Events are dropped when its buffers are full.';
  return 'Events wait, and may be dropped if it does not answer again.';
}

/** How many events wait; undefined when none can. */
function waitingOf(link: LinkReport): Pick<Notice, 'detail'> {
  return isBroadcast(link) ? {} : { detail: `${formatCount(link.queued)} waiting` };
}

/** True when the link is up but neither its stream nor its metrics answer. */
export function isUnanswering(desk: Desk, { sidecar }: Pick<MetricsWatch, 'sidecar'>): boolean {
  return desk.linkUp && (desk.isSidecarSilent || (sidecar.up === false && desk.sidecar.state !== 'open'));
}

/** What users must know before they go on; undefined when all is well. */
export function noticeOf(desk: Desk, metrics: MetricsWatch): Notice | undefined {
  if (desk.publisher.state === 'retrying') {
    const text = 'The publisher does not answer. This page keeps what it shows, and tries again.';
    return { tone: 'bad', icon: <Unplug />, text };
  }
  const { link } = desk;
  if (link?.state === 'refused') {
    // The publisher knows why, and where its events are meanwhile.
    const text = link.notice ?? `The ${peerOf(link)} denies the connection; the publisher’s log says why.`;
    return { tone: 'bad', icon: <Ban />, text, ...waitingOf(link) };
  }
  if (link && !desk.linkUp) {
    // The publisher's own words: they follow its delivery and its sockets.
    const text = link.notice ?? `No ${peerOf(link)} is connected.`;
    return { tone: 'warn', icon: <CloudOff />, text, ...waitingOf(link) };
  }
  if (isUnanswering(desk, metrics)) {
    const text = `The sidecar does not answer: its figures stand still. ${fateOfEvents(link)}`;
    return { tone: 'warn', icon: <TriangleAlert />, text };
  }
  if (desk.linkUp && desk.sidecar.state === 'retrying') {
    const text =
      'The page cannot read the sidecar’s live stream. You can post trades, but the page shows no receipts.';
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
