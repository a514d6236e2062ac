import { useMetrics } from '../feed/desk-context.js';
import { formatCount, formatDuration, formatShort, formatSigned } from '../format/figures.js';
import type { HeadlineFigures } from '../metrics/figure-history.js';
import { cn } from '../ui/class-names.js';
import { SparkLine } from './spark-line.js';

interface Headline {
  readonly key: Exclude<keyof HeadlineFigures, 'at'>;
  readonly name: string;
  readonly format: (value: number | undefined) => string;
  /** What the figure means, in a word. */
  readonly word: (value: number | undefined) => string;
  readonly range?: readonly [number, number];
  /** True when a person should look. */
  readonly warns?: (value: number | undefined) => boolean;
}

const EVEN = 0.05;
/** Readings that a sparkline has room for: the last minute. */
const SPARK_ROOM = 60;

function leanOf(imbalance: number | undefined): string {
  if (imbalance === undefined || Number.isNaN(imbalance)) return 'in 1 min';
  if (Math.abs(imbalance) < EVEN) return 'even';
  return imbalance > 0 ? 'buyers lead' : 'sellers lead';
}

const HEADLINES: readonly Headline[] = [
  { key: 'rate', name: 'Rate', format: formatShort, word: () => 'trades /s' },
  { key: 'volume', name: 'Volume', format: formatShort, word: () => 'in 1 min' },
  {
    key: 'imbalance',
    name: 'Imbalance',
    format: (value) => formatSigned(value),
    word: leanOf,
    range: [-1, 1],
  },
  { key: 'p99', name: 'p99 latency', format: formatDuration, word: () => 'in 1 to 2 min' },
  {
    key: 'waiting',
    name: 'Waiting',
    format: formatCount,
    word: () => 'now',
    warns: (value) => (value ?? 0) > 0,
  },
  { key: 'rejected', name: 'Rejected', format: formatCount, word: () => 'in all' },
];

/** What a person wants to know first, each figure as /metrics has it, with the last minute beside it. */
export function HeadlineStrip() {
  const { figures } = useMetrics();
  const past = figures.all;
  return (
    <section aria-label="Headline figures" className="rounded-lg border border-line bg-panel">
      <dl className="grid grid-cols-3 lg:grid-cols-6" data-testid="headlines">
        {HEADLINES.map((headline) => (
          <HeadlineFigure key={headline.key} headline={headline} past={past} />
        ))}
      </dl>
    </section>
  );
}

function HeadlineFigure({
  headline,
  past,
}: {
  readonly headline: Headline;
  readonly past: readonly HeadlineFigures[];
}) {
  const { key, name, format, word, range, warns } = headline;
  const now = past.at(-1)?.[key];
  return (
    <div
      data-headline={key}
      className="grid min-w-0 grid-cols-1 items-end gap-x-2 border-line px-2.5 py-1.5 max-lg:[&:nth-child(n+4)]:border-t [&:not(:nth-child(3n+1))]:border-l lg:[&:nth-child(4)]:border-l xl:grid-cols-[auto_minmax(0,1fr)]"
    >
      <dt className="text-xs text-ink-2 xl:col-span-2">
        <span className="font-medium text-ink">{name}</span>{' '}
        <span className="max-sm:sr-only">{word(now)}</span>
      </dt>
      <dd
        className={cn(
          'min-w-[5.5ch] text-lg leading-7 font-semibold whitespace-nowrap sm:text-xl',
          warns?.(now) && 'text-warn',
        )}
      >
        {format(now)}
      </dd>
      <dd className="min-w-0">
        <SparkLine
          values={past.slice(-SPARK_ROOM).map((figures) => figures[key])}
          room={SPARK_ROOM - 1}
          {...(range && { range })}
        />
      </dd>
    </div>
  );
}
