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

const USAGE = `usage: npm run bench:analytics -- [--quick] [--json FILE] [--write]
What the sidecar's analysis costs an event and a scrape, and what a flood does to its event loop.
  --quick      few events: shows that it works, and measures nothing
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
  const size =
    values['quick'] === true
      ? { events: 10_240, scrapes: 5, floodSeconds: 2 }
      : { events: 1_024_000, scrapes: 200, floodSeconds: 10 };
  const report = {
    node: process.version,
    cpu: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`,
    ...(await measureEvents(size.events)),
    ...(await measureConfigured(size.events)),
    ...(await measureScrapes(size.scrapes)),
    ...(await measureFlood(size.floodSeconds)),
  };
  for (const [name, value] of Object.entries(report)) console.log(`${name.padEnd(36)} ${value}`);
  const text = `${JSON.stringify(report, undefined, 2)}\n`;
  if (typeof values['json'] === 'string') writeFileSync(values['json'], text);
  if (values['write'] === true) writeFileSync(join(ROOT, 'bench', 'results', 'analytics.json'), text);
});
