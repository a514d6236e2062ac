// `npm run contract:write`: writes the JSON Schemas in docs/reference from the libraries. A test fails while they disagree.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from './lib/build.mjs';
import { builtLibrary } from './lib/built-library.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { readOptions } from './lib/options.mjs';
import { ROOT } from './lib/project.mjs';
import { runScript } from './lib/script-error.mjs';

const USAGE = `usage: npm run contract:write
Writes trade.schema.json and metrics.schema.json in docs/reference from the libraries.`;

await runScript(async () => {
  readOptions('contract:write', USAGE);
  await ensureInstalled();
  await build(['sidecar'], { onlyStale: true });
  // The contract's classes carry decorators, which want it before they are loaded.
  await import('reflect-metadata');
  const { tradeSchema } = await builtLibrary('contracts');
  const { metricsFileSchema } = await builtLibrary('event-metrics');
  for (const [name, schema] of Object.entries({ trade: tradeSchema, metrics: metricsFileSchema })) {
    writeFileSync(join(ROOT, `docs/reference/${name}.schema.json`), `${JSON.stringify(schema, null, 2)}\n`);
    console.log(`docs/reference/${name}.schema.json is up to date`);
  }
});
