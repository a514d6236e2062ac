import { saveFile } from '../format/file-saver.js';

const GAP = 12;

/** Saves every chart inside an element as one PNG, one below the other on the page's own background. */
export function saveCharts(name: string, element: HTMLElement): void {
  const charts = [...element.querySelectorAll('canvas')].filter((chart) => chart.width > 0);
  const picture = document.createElement('canvas');
  picture.width = Math.max(1, ...charts.map((chart) => chart.width));
  picture.height = charts.reduce((height, chart) => height + chart.height + GAP, GAP);
  const context = picture.getContext('2d');
  if (!context) return;
  context.fillStyle = getComputedStyle(document.documentElement).getPropertyValue('--panel');
  context.fillRect(0, 0, picture.width, picture.height);
  let top = GAP;
  for (const chart of charts) {
    context.drawImage(chart, 0, top);
    top += chart.height + GAP;
  }
  picture.toBlob((content) => content && saveFile(name, content), 'image/png');
}
