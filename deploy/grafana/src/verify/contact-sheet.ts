import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { DASHBOARDS } from '../dashboard-catalogue.js';
import type { DashboardDefinition } from '../panel-definition.js';
import { drawPanel, escaped } from './panel-drawing.js';
import type { PanelProof } from './panel-proof.js';
import type { TimeSpan } from './proof-moments.js';

const COLUMN = 60;
const COLUMNS = 24;
const GAP = 8;
const NO_TIME: TimeSpan = { from: 0, to: 1 };
const HEIGHTS = { number: 92, graph: 220, heatmap: 220 } as const;
const STYLE = `text{font:12px sans-serif;fill:#222}.panel{fill:#fff;stroke:#ccc}.bad{stroke:#c00;stroke-width:3}
.title{font-weight:bold}.number{font-size:24px}.axis,.legend{font-size:11px;fill:#555}line{stroke:#e5e5e5}
polyline{fill:none;stroke-width:1.5}.h1{font-size:22px;font-weight:bold}.h2{font-size:14px;fill:#555}`;

/** All dashboards with the data of the proof on one sheet, as SVG. */
export function contactSheet(proofs: readonly PanelProof[]): string {
  let y = 0;
  const parts = DASHBOARDS.map((dashboard) => {
    const drawn = drawDashboard(dashboard, proofs);
    const part = `<g transform="translate(${GAP} ${y})">${drawn.svg}</g>`;
    y += drawn.height;
    return part;
  });
  const width = COLUMN * COLUMNS + 2 * GAP;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${y}" viewBox="0 0 ${width} ${y}"><style>${STYLE}</style><rect width="100%" height="100%" fill="#f4f4f4"/>${parts.join('')}</svg>\n`;
}

function drawDashboard(dashboard: DashboardDefinition, proofs: readonly PanelProof[]) {
  let svg = `<text class="h1" y="34">${escaped(dashboard.title)}</text>`;
  let y = 46;
  for (const section of dashboard.sections) {
    svg += `<text class="h2" y="${y + 16}">${escaped(section.title)}</text>`;
    y += 24;
    let column = 0;
    let rowHeight = 0;
    for (const panel of section.panels) {
      if (column + panel.width > COLUMNS) {
        y += rowHeight + GAP;
        column = 0;
        rowHeight = 0;
      }
      const own = proofs.filter((proof) => proof.panel === panel);
      const isProven = own.every(({ verdict }) => verdict.faults.length === 0);
      const series = own.flatMap((proof) => proof.series);
      const span = own[0]?.span ?? NO_TIME;
      const box = { width: panel.width * COLUMN - GAP, height: HEIGHTS[panel.kind] };
      svg += `<g transform="translate(${column * COLUMN} ${y})">${drawPanel({ panel, series, isProven, span }, box)}</g>`;
      column += panel.width;
      rowHeight = Math.max(rowHeight, box.height);
    }
    y += rowHeight + GAP;
  }
  return { svg, height: y + 10 };
}

/**
 * Writes the sheet, and a PNG beside it where a headless Chromium is installed.
 * @returns the files that were written
 */
export function writeContactSheet(file: string, svg: string): string[] {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, svg);
  const [, width = '1', height = '1'] = /width="(\d+)" height="(\d+)"/.exec(svg) ?? [];
  const png = file.replace(/\.svg$/, '.png');
  rmSync(png, { force: true });
  const { status } = spawnSync(
    'chromium',
    [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--hide-scrollbars',
      `--window-size=${width},${height}`,
      `--screenshot=${resolve(png)}`,
      `file://${resolve(file)}`,
    ],
    { stdio: 'ignore', timeout: 30_000 },
  );
  return status === 0 ? [file, png] : [file];
}
