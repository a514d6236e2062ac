import { CircleCheck, CircleDashed, CircleX, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Desk } from '../feed/desk.js';
import { useDesk, useMetrics } from '../feed/desk-context.js';
import type { MetricsWatch } from '../metrics/metrics-watch.js';
import { Badge, type Tone } from '../ui/badge.js';
import { isUnanswering } from './status-banner.js';

interface Status {
  readonly tone: Tone;
  readonly icon: ReactNode;
  readonly text: string;
}

/** The state of publisher, link and sidecar in two words. */
export function describeLink(desk: Desk, metrics: MetricsWatch): Status {
  if (desk.publisher.state === 'retrying') {
    return { tone: 'bad', icon: <CircleX />, text: 'publisher down' };
  }
  if (desk.link === undefined) return { tone: 'neutral', icon: <CircleDashed />, text: 'connecting' };
  if (desk.link.state === 'refused') return { tone: 'bad', icon: <CircleX />, text: 'link denied' };
  if (!desk.linkUp) return { tone: 'warn', icon: <TriangleAlert />, text: 'link down' };
  if (isUnanswering(desk, metrics)) return { tone: 'warn', icon: <TriangleAlert />, text: 'sidecar silent' };
  if (desk.sidecar.state !== 'open') return { tone: 'warn', icon: <TriangleAlert />, text: 'no receipts' };
  return { tone: 'good', icon: <CircleCheck />, text: 'link up' };
}

/** The same as a badge. */
export function LinkStatus() {
  const { tone, icon, text } = describeLink(useDesk(), useMetrics());
  return (
    <Badge tone={tone} data-testid="link-status">
      {icon}
      {text}
    </Badge>
  );
}
