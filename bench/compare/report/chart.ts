import { PEER_LABELS } from '../peers/peer-info.js';
import type { BenchReport, OneWayResult } from './bench-report.js';

const WIDTH = 860;
const LABEL_WIDTH = 270;
const BAR_WIDTH = 430;
const ROW_HEIGHT = 34;
const TOP = 56;
const OURS = '#1d4ed8';
const OTHERS = '#64748b';

const escapeText = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

function bar(peer: string, result: OneWayResult, row: number, scale: number): string {
  const { median, min, max } = result.eventsPerSecond;
  const y = TOP + row * ROW_HEIGHT;
  const middle = y + ROW_HEIGHT / 2 - 4;
  const at = (value: number): string => (LABEL_WIDTH + value * scale).toFixed(1);
  const fill = peer.startsWith('zmq') ? OURS : OTHERS;
  const label = escapeText(PEER_LABELS[peer] ?? peer);
  const value = Math.round(median).toLocaleString('en');
  return [
    `<text x="${LABEL_WIDTH - 10}" y="${middle + 4}" text-anchor="end">${label}</text>`,
    `<rect x="${LABEL_WIDTH}" y="${y}" width="${(median * scale).toFixed(1)}" height="${ROW_HEIGHT - 8}" rx="2" fill="${fill}"/>`,
    // The line from the slowest to the fastest round.
    `<path d="M${at(min)} ${middle}H${at(max)}M${at(min)} ${middle - 5}v10M${at(max)} ${middle - 5}v10" stroke="#0f172a" stroke-width="1.5"/>`,
    `<text x="${(LABEL_WIDTH + max * scale + 10).toFixed(1)}" y="${middle + 4}">${value}/s</text>`,
  ].join('');
}

/** The one-way figure as an SVG chart: a bar for the median, a line for the spread. Undefined when it was not measured. */
export function oneWayChart(report: BenchReport): string | undefined {
  const { oneWay, parts } = report;
  const { machine, settings } = parts?.['one-way'] ?? report;
  if (oneWay === undefined || Object.keys(oneWay).length === 0) return undefined;
  const peers = Object.entries(oneWay).toSorted(
    ([, a], [, b]) => b.eventsPerSecond.median - a.eventsPerSecond.median,
  );
  const scale = BAR_WIDTH / Math.max(...peers.map(([, result]) => result.eventsPerSecond.max));
  const height = TOP + peers.length * ROW_HEIGHT + 30;
  const note = `${machine.cpu}, ${machine.cores} cores, Node ${machine.node}; median and spread of ${settings.rounds} rounds`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" font-size="14" fill="#0f172a">`,
    `<title>Events a second, one way, between two processes</title>`,
    `<rect width="100%" height="100%" fill="#ffffff"/>`,
    `<text x="16" y="30" font-size="17" font-weight="600">Events a second, one way, between two processes</text>`,
    ...peers.map(([peer, result], row) => bar(peer, result, row, scale)),
    `<text x="16" y="${height - 12}" font-size="12" fill="#475569">${escapeText(note)}</text>`,
    `</svg>\n`,
  ].join('\n');
}
