// `npm run contract:write`: writes docs/reference/trade.schema.json from the contracts library. A test fails while the file
// and the class disagree.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from './lib/build.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { readOptions } from './lib/options.mjs';
import { ROOT } from './lib/project.mjs';
import { runScript } from './lib/script-error.mjs';

const USAGE = `usage: npm run contract:write
Writes docs/reference/trade.schema.json from the class in libs/contracts.`;

await runScript(async () => {
  readOptions('contract:write', USAGE);
  await ensureInstalled();
  await build(['sidecar'], { onlyStale: true });
  // The contract's classes carry decorators, which want it before they are loaded.
  await import('reflect-metadata');
  const built = join(ROOT, 'dist', 'apps', 'sidecar', 'libs', 'contracts', 'src', 'index.js');
  const { tradeSchema } = await import(pathToFileURL(built).href);
  writeFileSync(join(ROOT, 'docs/reference/trade.schema.json'), `${JSON.stringify(tradeSchema, null, 2)}\n`);
  console.log('docs/reference/trade.schema.json is up to date');
});
