import { CircleCheck, CircleDashed, CircleX, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Desk } from '../feed/desk.js';
import { useDesk, useMetrics } from '../feed/desk.context.js';
import type { MetricsWatch } from '../metrics/metrics.watch.js';
import { Badge, type Tone } from '../ui/badge.js';
import { isUnanswering } from './status.banner.js';

interface Status {
  readonly tone: Tone;
  readonly icon: ReactNode;
  readonly text: string;
}

/** The whole way in one word. */
export function describeLink(desk: Desk, metrics: MetricsWatch): Status {
  if (desk.publisher.state === 'retrying') {
    return { tone: 'bad', icon: <CircleX />, text: 'publisher away' };
  }
  if (desk.link === undefined) return { tone: 'neutral', icon: <CircleDashed />, text: 'connecting' };
  if (desk.link.state === 'refused') return { tone: 'bad', icon: <CircleX />, text: 'sidecar refuses' };
  if (!desk.linkUp) return { tone: 'warn', icon: <TriangleAlert />, text: 'sidecar away' };
  if (isUnanswering(desk, metrics)) return { tone: 'warn', icon: <TriangleAlert />, text: 'no answer' };
  if (desk.sidecar.state !== 'open')
    return { tone: 'warn', icon: <TriangleAlert />, text: 'no live receipts' };
  return { tone: 'good', icon: <CircleCheck />, text: 'connected' };
}

/** The state of the way from this page to the sidecar. */
export function LinkStatus() {
  const { tone, icon, text } = describeLink(useDesk(), useMetrics());
  return (
    <Badge tone={tone} data-testid="link-status">
      {icon}
      {text}
    </Badge>
  );
}
