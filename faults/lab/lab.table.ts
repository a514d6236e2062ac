import type { LabResult } from './lab.run.js';

const HEADER = [
  'mode',
  'disturbance',
  'sent',
  'applied',
  'lost',
  'duplicated',
  'counted at the end',
  'p50 ms',
  'p99 ms',
  'p99.9 ms',
  'recovery s',
];
/** Columns that hold words; the others hold figures. */
const WORD_COLUMNS = 2;

const whole = (value: number): string => value.toLocaleString('en');
const milliseconds = (value: number | undefined): string =>
  value === undefined ? '–' : value < 10 ? value.toFixed(1) : whole(Math.round(value));

function cells(result: LabResult): string[] {
  const { latencyMs, recoverySeconds } = result;
  return [
    result.mode,
    result.disturbance,
    ...[result.sent, result.applied, result.lost, result.duplicated, result.counted].map(whole),
    ...[latencyMs.p50, latencyMs.p99, latencyMs.p999].map(milliseconds),
    recoverySeconds === undefined ? '–' : recoverySeconds.toFixed(1),
  ];
}

/** The table in Markdown, its columns lined up as Prettier does. */
export function labTable(results: readonly LabResult[]): string {
  const rows = [HEADER, ...results.map(cells)];
  const widths = HEADER.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  const line = (row: readonly string[]): string => {
    const padded = row.map((cell, column) =>
      column < WORD_COLUMNS ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
    );
    return `| ${padded.join(' | ')} |`;
  };
  const rule = widths.map((width, column) =>
    column < WORD_COLUMNS ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
  );
  const [header = [], ...body] = rows;
  return [line(header), `| ${rule.join(' | ')} |`, ...body.map(line)].join('\n');
}
