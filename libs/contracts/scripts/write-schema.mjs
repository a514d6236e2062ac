/**
 * Writes docs/contract/trade.schema.json from the built contracts library: `npm run build`, then
 * `npm run contract:write`. A test fails while the file and the class disagree.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const built = new URL('../../../dist/apps/sidecar/libs/contracts/src/index.js', import.meta.url);
const target = fileURLToPath(new URL('../../../docs/contract/trade.schema.json', import.meta.url));

if (existsSync(built)) {
  await import('reflect-metadata');
  const { tradeSchema } = await import(built.href);
  writeFileSync(target, `${JSON.stringify(tradeSchema, null, 2)}\n`);
  process.stdout.write('docs/contract/trade.schema.json is up to date\n');
} else {
  process.stderr.write('contract:write: run `npm run build` first\n');
  process.exitCode = 1;
}
