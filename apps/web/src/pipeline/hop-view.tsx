import { ArrowDown, ArrowRight, CircleCheck, CircleDashed, CircleX, TriangleAlert } from 'lucide-react';
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

/** One stop with an arrow to the next. */
export function HopView({ hop, isLast }: { readonly hop: Hop; readonly isLast: boolean }) {
  return (
    <li className="relative flex min-w-0 flex-col rounded-lg border border-line bg-panel" data-hop={hop.name}>
      <div className="border-b border-line px-3 py-2">
        <h3 className="font-semibold">{hop.name}</h3>
        <p className="text-xs text-ink-2">{hop.about}</p>
      </div>
      <div className="px-3 py-2">
        <Badge tone={hop.state.tone} className="max-w-full">
          {ICONS[hop.state.tone]}
          <span className="truncate">{hop.state.word}</span>
        </Badge>
        <dl className="mt-2 grid grid-cols-[1fr_auto] gap-x-2 text-sm">
          {hop.figures.map((figure) => (
            <div key={figure.name} className="contents">
              <dt className={cn('text-ink-2', figure.isPart && 'truncate pl-3 text-xs leading-5')}>
                {figure.name}
              </dt>
              <dd className={cn('text-right font-mono', figure.isPart && 'text-xs leading-5 text-ink-2')}>
                {figure.value}
              </dd>
            </div>
          ))}
        </dl>
        {hop.source !== undefined && <p className="mt-2 text-xs text-ink-2">{hop.source}</p>}
        {hop.fault !== undefined && (
          <p className="mt-2 line-clamp-3 text-xs text-ink-2" title={hop.fault}>
            {hop.fault}
          </p>
        )}
      </div>
      <p className="mt-auto flex flex-wrap gap-x-3 px-3 pb-2 text-sm">
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
      {!isLast && (
        <span
          aria-hidden="true"
          className="absolute z-10 text-ink-2 max-sm:-bottom-4 max-sm:left-1/2 sm:top-4 sm:-right-4 [&_svg]:size-4"
        >
          <ArrowRight className="max-sm:hidden" />
          <ArrowDown className="sm:hidden" />
        </span>
      )}
    </li>
  );
}
