// `npm run docs`: the documents as a site that reloads while they are written. `npm run docs:build` writes the site, and fails on
// a dead link.
import { join } from 'node:path';
import { ensureInstalled } from './lib/install.mjs';
import { readOptions } from './lib/options.mjs';
import { packageFile, ROOT } from './lib/project.mjs';
import { runScript } from './lib/script-error.mjs';
import { runProgram, runStep } from './lib/step.mjs';

const USAGE = `usage: npm run docs [-- --port PORT]
       npm run docs:build
Serves the documents and the transport's API reference as a site on 127.0.0.1, and shows each edit at once.
  --port PORT   where to listen (5173)
  --build       writes the site to dist/docs and ends; a dead link is an error`;

await runScript(async () => {
  const { values } = readOptions('docs', USAGE);
  await ensureInstalled();
  await runStep('the API reference', process.execPath, [
    packageFile('typedoc', 'bin', 'typedoc'),
    '--options',
    join(ROOT, 'docs', 'typedoc.json'),
    '--logLevel',
    'Warn',
    '--treatWarningsAsErrors',
  ]);
  const vitepress = packageFile('vitepress', 'bin', 'vitepress.js');
  if (values['build'] === true) {
    await runStep('the site', process.execPath, [vitepress, 'build', 'docs']);
    console.log('the site is in dist/docs');
    return 0;
  }
  const port = typeof values['port'] === 'string' ? ['--port', values['port']] : [];
  return runProgram(process.execPath, [vitepress, 'dev', 'docs', '--host', '127.0.0.1', ...port]);
});
