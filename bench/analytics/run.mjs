// `npm run bench:analytics`: what the sidecar's analysis costs an event and a scrape, and what a flood does to its event loop.
// It loads the built sidecar's own files: the cost of a layer cannot be seen from outside.
import 'reflect-metadata';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { build } from '../../scripts/lib/build.mjs';
import { ensureInstalled } from '../../scripts/lib/install.mjs';
import { ROOT } from '../../scripts/lib/project.mjs';
import { runScript } from '../../scripts/lib/script-error.mjs';

await runScript(async () => {
  await ensureInstalled();
  await build(['sidecar'], { onlyStale: true });
  const { measureEvents } = await import('./event.cost.mjs');
  const { measureScrapes } = await import('./scrape.cost.mjs');
  const { measureFlood } = await import('./flood.mjs');
  const report = {
    node: process.version,
    cpu: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`,
    ...(await measureEvents()),
    ...(await measureScrapes()),
    ...(await measureFlood()),
  };
  for (const [name, value] of Object.entries(report)) console.log(`${name.padEnd(36)} ${value}`);
  mkdirSync(join(ROOT, 'bench', 'results'), { recursive: true });
  writeFileSync(
    join(ROOT, 'bench', 'results', 'analytics.json'),
    `${JSON.stringify(report, undefined, 2)}\n`,
  );
});
