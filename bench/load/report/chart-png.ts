import { spawnSync } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { CHART_SIZE } from './percentile-chart.js';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const TIMEOUT_MS = 30_000;

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error) return false;
    throw error;
  }
}

/** The browser that draws PNGs: the one `CHROMIUM` names, or the first on the PATH; undefined when there is none. */
export function findChromium(env: NodeJS.ProcessEnv): string | undefined {
  const folders = (env.PATH ?? '').split(delimiter);
  const candidates = env.CHROMIUM
    ? [env.CHROMIUM]
    : NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  return candidates.find(isExecutable);
}

/**
 * Draws an SVG into a PNG file.
 * @throws when the browser fails; its last line of output is in the message
 */
export function writePng(chromium: string, svg: string, file: string): void {
  const folder = mkdtempSync(join(tmpdir(), 'load-chart-'));
  try {
    const source = join(folder, 'chart.svg');
    writeFileSync(source, svg);
    // Chromium refuses its sandbox to root; what it is given to draw is our own.
    const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
    const { status, stderr } = spawnSync(
      chromium,
      [
        '--headless',
        '--disable-gpu',
        '--hide-scrollbars',
        ...sandbox,
        `--user-data-dir=${folder}`,
        `--window-size=${CHART_SIZE.width},${CHART_SIZE.height}`,
        `--screenshot=${resolve(file)}`,
        `file://${source}`,
      ],
      { encoding: 'utf8', timeout: TIMEOUT_MS },
    );
    if (status !== 0)
      throw new Error(`${chromium} could not draw ${file}: ${stderr.trim().split('\n').at(-1)}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
