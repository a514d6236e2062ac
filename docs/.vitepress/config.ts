import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vitepress';
import { metricsPage } from './metrics-page.js';
import { pageOf, RepositoryLinks } from './repository-links.js';

// `npm run docs` starts it at the root of the repository.
const ROOT = process.cwd();
const links = new RepositoryLinks(ROOT);

// Before VitePress looks for pages, beside the API reference that typedoc makes.
mkdirSync(join(ROOT, 'site'), { recursive: true });
writeFileSync(join(ROOT, 'site', 'metrics.md'), metricsPage());

/** The pages of a folder, each with its title. */
function pages(folder: string): { text: string; link: string }[] {
  return readdirSync(join(ROOT, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => ({ text: titleOf(join(folder, name)), link: `/${pageOf(`${folder}/${name}`)}` }));
}

function titleOf(file: string): string {
  return /^# (.+)$/m.exec(readFileSync(join(ROOT, file), 'utf8'))?.[1]?.split(':')[0] ?? file;
}

export default defineConfig({
  title: 'trading-telemetry',
  description: 'Trade events over ZeroMQ, counted by a sidecar, shown by Prometheus and Grafana',
  srcDir: '..',
  srcExclude: [
    '**/node_modules/**',
    'apps/**',
    'bench/!(results)/**',
    'coverage/**',
    'deploy/**',
    'dist/**',
    'e2e/**',
    'faults/**',
    'scripts/**',
    'testing/**',
    'var/**',
  ],
  rewrites: pageOf,
  outDir: '../dist/docs',
  cacheDir: '../.cache/vitepress',
  // Relative addresses: the site works in any folder of any server.
  base: './',
  markdown: { config: links.use },
  buildEnd: ({ outDir }) => links.copyInto(outDir),
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    nav: [
      { text: 'First hour', link: '/tutorials/first-hour.md' },
      { text: 'Reference', link: '/reference/settings.md' },
      { text: 'Transport', link: '/transport/index.md' },
      { text: 'API', link: '/api/index.md' },
    ],
    sidebar: [
      { text: 'Tutorials', items: pages('docs/tutorials') },
      { text: 'How to', items: pages('docs/how-to') },
      { text: 'Runbooks', collapsed: true, items: pages('docs/how-to/runbooks') },
      { text: 'Reference', items: [...pages('docs/reference'), ...pages('site'), ...pages('docs')] },
      { text: 'Explanation', items: pages('docs/explanation') },
      { text: 'Decisions', collapsed: true, items: pages('docs/decisions') },
      {
        text: 'Transport',
        items: [
          { text: 'Guide', link: '/transport/index.md' },
          { text: 'Protocol', link: '/transport/protocol.md' },
          { text: 'API', link: '/api/index.md' },
        ],
      },
      {
        text: 'Project',
        items: [
          { text: 'Contributing', link: '/contributing.md' },
          { text: 'Changelog', link: '/changelog.md' },
        ],
      },
    ],
  },
});
