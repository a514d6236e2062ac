import type { LabResult } from './lab-run.js';

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

const NO_FAULT = 'none';

function lossCell(result: LabResult | undefined): string {
  if (result === undefined) return '–';
  return result.duplicated === 0
    ? whole(result.lost)
    : `${whole(result.lost)}, ${whole(result.duplicated)} twice`;
}

/** How many events each mode lost under each disturbance, and applied twice, in Markdown. */
export function lossTable(results: readonly LabResult[]): string {
  const modes = [...new Set(results.map(({ mode }) => mode))];
  const disturbances = [...new Set(results.map(({ disturbance }) => disturbance))];
  const rows = disturbances.map((disturbance) => [
    disturbance === NO_FAULT ? 'no fault' : disturbance,
    ...modes.map((mode) =>
      lossCell(results.find((it) => it.mode === mode && it.disturbance === disturbance)),
    ),
  ]);
  const rule = ['---', ...modes.map(() => '--:')];
  return [['lost', ...modes], rule, ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

/** All figures in Markdown, its columns lined up as Prettier does. */
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
