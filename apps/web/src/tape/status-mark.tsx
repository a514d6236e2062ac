import { CheckCheck, CircleX, Clock, EyeOff, HelpCircle, Send } from 'lucide-react';
import type { ReactNode } from 'react';
import { Badge, type Tone } from '../ui/badge.js';
import type { RowStatus } from './tape-row.js';

const MARKS: Record<RowStatus, { readonly tone: Tone; readonly icon: ReactNode; readonly hint: string }> = {
  emitted: {
    tone: 'neutral',
    icon: <Send />,
    hint: 'The publisher sent it; the sidecar has not received it yet',
  },
  received: { tone: 'good', icon: <CheckCheck />, hint: 'The sidecar received and counted it' },
  waiting: {
    tone: 'warn',
    icon: <Clock />,
    hint: 'It waits in the publisher: no sidecar is connected, or the sidecar does not answer',
  },
  rejected: { tone: 'bad', icon: <CircleX />, hint: 'The sidecar rejected it, and did not count it' },
  refused: { tone: 'bad', icon: <CircleX />, hint: 'The publisher refused the post: it was never sent' },
  dropped: { tone: 'bad', icon: <CircleX />, hint: 'The publisher dropped it: no sidecar was subscribed' },
  sampled: {
    tone: 'neutral',
    icon: <EyeOff />,
    hint: 'The publisher sent it while the page showed only some of the receipts; the sidecar counts all',
  },
  unseen: {
    tone: 'warn',
    icon: <HelpCircle />,
    hint: 'The publisher sent it, and the page saw no receipt: it may be lost',
  },
};

const WORDS: Partial<Record<RowStatus, string>> = { sampled: 'not followed', unseen: 'no receipt' };

/** Where an event stands, by word, shape and colour. */
export function StatusMark({ status }: { readonly status: RowStatus }) {
  const { tone, icon, hint } = MARKS[status];
  return (
    <Badge tone={tone} title={hint}>
      {icon}
      {WORDS[status] ?? status}
    </Badge>
  );
}
