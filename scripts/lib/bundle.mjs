import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { ScriptError } from './script-error.mjs';

/** Addons are files of their own. OpenTelemetry has one API a process, which prom-client asks for too. */
const EXTERNAL = [/^(?:lmdb|zeromq)$/, /^@opentelemetry\//];
/** How terminus asks for @nestjs/swagger: so that no bundler sees it, and the app would load a second one. */
const HIDDEN_REQUIRE = 'const require = createRequire(import.meta.url);';

/** @type {import('rolldown').Plugin} */
const showRequire = {
  name: 'show-require',
  transform: {
    filter: { id: /terminus\/dist\/health-check\/health-check\.decorator\.js$/ },
    handler(code) {
      if (!code.includes(HIDDEN_REQUIRE)) throw new Error('terminus asks for @nestjs/swagger in another way');
      return code.replace(HIDDEN_REQUIRE, '');
    },
  },
};

/**
 * Puts a built app and the packages that it needs into its main file, and `bundle/` beside it what it loads later. An app is
 * 2,500 files, and Node spends more time on finding them than on the start.
 * @param {string} main absolute path of the compiled main file; the bundle takes its place
 * @throws {ScriptError} with what the bundler says
 */
export async function bundleApp(main) {
  const { rolldown } = await import('rolldown');
  const dir = dirname(main);
  try {
    const bundle = await rolldown({
      input: { main },
      platform: 'node',
      external: EXTERNAL,
      plugins: [showRequire],
      // Packages warn of what is theirs: optional ones that are not installed, circles, eval.
      logLevel: 'silent',
    });
    // Nest finds providers and names log lines by the classes' names.
    await bundle.write({ dir, format: 'esm', keepNames: true, chunkFileNames: 'bundle/[name]-[hash].js' });
    await bundle.close();
  } catch (error) {
    throw new ScriptError(`${main} could not be bundled: ${String(error)}`, 1);
  }
  rmSync(`${main}.map`, { force: true });
}
