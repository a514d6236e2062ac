// `npm run bench:analytics`: what the sidecar's analysis costs an event and a scrape, and what a flood does to its event loop.
// It loads the built sidecar's own files: the cost of a layer cannot be seen from outside.
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { build } from '../../scripts/lib/build.mjs';
import { ensureInstalled } from '../../scripts/lib/install.mjs';
import { ROOT } from '../../scripts/lib/project.mjs';
import { runScript } from '../../scripts/lib/script-error.mjs';
import { readOptions } from '../../scripts/lib/options.mjs';
import { endOnSignals } from '../../scripts/lib/stop-signal.mjs';

const USAGE = `usage: npm run bench:analytics -- [--json FILE] [--write]
What the sidecar's analysis costs an event and a scrape, and what a flood does to its event loop.
  --json FILE  the figures for programs
  --write      puts them into bench/results/analytics.json`;

await runScript(async () => {
  const { values } = readOptions('bench:analytics', USAGE);
  await ensureInstalled();
  await build(['sidecar', 'testing'], { onlyStale: true });
  endOnSignals();
  // The sidecar's files carry decorators, which want it before they are loaded.
  await import('reflect-metadata');
  const { measureEvents } = await import('./event-cost.mjs');
  const { measureConfigured } = await import('./configured-cost.mjs');
  const { measureScrapes } = await import('./scrape-cost.mjs');
  const { measureFlood } = await import('./flood.mjs');
  const report = {
    node: process.version,
    cpu: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`,
    ...(await measureEvents()),
    ...(await measureConfigured()),
    ...(await measureScrapes()),
    ...(await measureFlood()),
  };
  for (const [name, value] of Object.entries(report)) console.log(`${name.padEnd(36)} ${value}`);
  const text = `${JSON.stringify(report, undefined, 2)}\n`;
  if (typeof values['json'] === 'string') writeFileSync(values['json'], text);
  if (values['write'] === true) writeFileSync(join(ROOT, 'bench', 'results', 'analytics.json'), text);
});
