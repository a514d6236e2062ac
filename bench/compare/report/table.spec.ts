import { judged } from './judge.js';
import { spreadOf } from './spread.js';
import { reportDocument, reportText, summaryMarkdown, withTables } from './table.js';

const part = {
  machine: {
    cpu: 'x',
    cores: 2,
    memoryGiB: 4,
    system: 's',
    node: 'v20',
    loadBefore: 0.5,
    date: '2026-11-27T01:00Z',
  },
  settings: { rounds: 2, warmUpSeconds: 1, measureSeconds: 1 },
};
const cost = (perSecond: number, cpuMicros: number) => ({
  perSecond: spreadOf([perSecond]),
  cpuMicros: spreadOf([cpuMicros]),
});
const report = judged({
  ...part,
  parts: { posts: part },
  posts: { publisher: cost(15_000, 60), 'publisher-bare': cost(40_000, 24) },
  left: { 'publisher-original': 'not installed: python3-fastapi' },
});

describe('the report', () => {
  it('has the same tables as text and as Markdown', () => {
    const text = reportText(report);
    expect(text).toMatch(/^post: processor time.+0\.40 +missed +15,000; bare 40,000 +60\.0; bare 24\.0$/m);
    expect(text).toMatch(/^the built publisher +15,000 +15,000 – 15,000 +60\.00$/m);
    expect(reportDocument(report)).toMatch(
      /^\| post: processor time.+ \| ≥ 0\.65 \| 0\.40 \| missed \| 15,000; bare 40,000 \| 60\.0; bare 24\.0 \|$/m,
    );
    expect(reportDocument(report)).toContain('\n## How it is measured\n');
    expect(reportDocument(report)).toContain('| the built publisher | 15,000 | 15,000 – 15,000 | 60.00 |');
  });

  it('has a summary without rates', () => {
    expect(summaryMarkdown(report)).toMatch(/^\| post: processor time.+ \| 0\.40 \| ≥ 0\.65 \| missed \|$/m);
  });

  it('says when and where each part was measured, and what could not be', () => {
    const origin = /^Medians of 2 rounds; x, 2 cores, 4 GiB, Node v20, .+: posts 2026-11-27, load 0\.5\.$/m;
    expect(summaryMarkdown(report)).toMatch(origin);
    expect(reportDocument(report)).toMatch(origin);
    const missing = 'original publisher: FastAPI, pydantic, pyzmq: not installed: python3-fastapi';
    expect(reportText(report)).toContain(missing);
    expect(reportDocument(report)).toContain(missing);
  });
});

const marked = (text: string): string =>
  `a\n<!-- product: written by npm run bench -->\n${text}<!-- end of product -->\nz\n`;

describe('withTables', () => {
  it('writes between the marks, again and again', () => {
    const once = withTables(marked('old\n'), { product: '| $1 |' });
    expect(once).toBe(marked('\n| $1 |\n\n'));
    expect(withTables(once, { product: '| $1 |' })).toBe(once);
  });

  it('leaves alone what has no marks, or marks of another name', () => {
    expect(withTables('plain', { product: 'x' })).toBe('plain');
    expect(withTables(marked('old\n'), { details: 'x' })).toBe(marked('old\n'));
  });
});
