import { ArrowDown, ArrowUp } from 'lucide-react';
import type { Side } from '../feed/feed-items.js';
import { Badge } from './badge.js';

/** The side by word, arrow and colour. */
export function SideMark({ side }: { readonly side: Side }) {
  return (
    <Badge tone={side}>
      {side === 'buy' ? <ArrowUp /> : <ArrowDown />}
      {side === 'buy' ? 'Buy' : 'Sell'}
    </Badge>
  );
}
