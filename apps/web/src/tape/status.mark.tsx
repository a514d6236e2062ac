import { CheckCheck, CircleX, Clock, EyeOff, HelpCircle, Send } from 'lucide-react';
import type { ReactNode } from 'react';
import { Badge, type Tone } from '../ui/badge.js';
import type { RowStatus } from './tape.row.js';

const MARKS: Record<RowStatus, { readonly tone: Tone; readonly icon: ReactNode; readonly hint: string }> = {
  emitted: { tone: 'neutral', icon: <Send />, hint: 'Sent by the publisher; not yet seen by the sidecar' },
  received: { tone: 'good', icon: <CheckCheck />, hint: 'The sidecar has counted it' },
  waiting: {
    tone: 'warn',
    icon: <Clock />,
    hint: 'The sidecar is away or does not answer: it waits in a queue',
  },
  rejected: { tone: 'bad', icon: <CircleX />, hint: 'The sidecar did not count it' },
  refused: { tone: 'bad', icon: <CircleX />, hint: 'The publisher did not take it: it was never sent' },
  sampled: {
    tone: 'neutral',
    icon: <EyeOff />,
    hint: 'Sent at a rate at which receipts are shown only in part',
  },
  unseen: {
    tone: 'warn',
    icon: <HelpCircle />,
    hint: 'Sent, but no receipt was seen: it may have been lost',
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
