import { CircleCheck, CircleDashed, CircleX, TriangleAlert } from 'lucide-react';
import { Badge } from '../ui/badge.js';
import { cn } from '../ui/class-names.js';
import type { Hop } from './hop.js';

const ICONS = {
  good: <CircleCheck />,
  warn: <TriangleAlert />,
  bad: <CircleX />,
  neutral: <CircleDashed />,
  buy: null,
  sell: null,
};

/** One stop in words: what it is, how it is, its figures with their app, and where to read on. */
export function HopView({ hop }: { readonly hop: Hop }) {
  return (
    <li
      data-hop={hop.name}
      className="grid gap-x-4 gap-y-1 border-t border-line px-3 py-2 md:grid-cols-[11rem_10rem_minmax(0,1fr)_auto] md:items-baseline"
    >
      <div>
        <h3 className="font-semibold">{hop.name}</h3>
        <p className="text-xs text-ink-2">{hop.about}</p>
      </div>
      <div>
        <Badge tone={hop.state.tone} className="max-w-full">
          {ICONS[hop.state.tone]}
          <span className="truncate">{hop.state.word}</span>
        </Badge>
      </div>
      <div className="min-w-0">
        <dl className="flex flex-wrap gap-x-5 gap-y-0.5 text-sm">
          {hop.figures.map((figure) => (
            <div
              key={figure.name}
              className={cn('flex gap-1.5', figure.isPart && 'text-xs leading-5 text-bad')}
            >
              <dt className={figure.isPart ? '' : 'text-ink-2'}>{figure.name}</dt>
              <dd className="font-medium">{figure.value}</dd>
            </div>
          ))}
        </dl>
        {hop.source !== undefined && <p className="text-xs text-ink-2">{hop.source}</p>}
        {hop.fault !== undefined && (
          <p className="line-clamp-3 text-xs text-bad" title={hop.fault}>
            {hop.fault}
          </p>
        )}
      </div>
      <p className="flex flex-wrap gap-x-3 text-sm">
        {hop.links.map((link) => (
          <a
            key={link.href}
            href={link.href}
            target="_blank"
            rel="noreferrer"
            className="py-1 text-accent underline"
          >
            {link.label}
          </a>
        ))}
      </p>
    </li>
  );
}
