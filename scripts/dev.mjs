// `npm run dev`: both apps under the Nest CLI's watcher, where an edit in an app or a library restarts what it concerns,
// and the page under Vite, where an edit shows without loading the page again.
import { ensureInstalled } from './lib/install.mjs';
import { assertPortIsFree, portSetting } from './lib/port.mjs';
import { packageFile } from './lib/project.mjs';
import { runScript } from './lib/script-error.mjs';
import { Service } from './lib/service.mjs';
import { settingsOf } from './lib/settings.mjs';
import { Supervisor } from './lib/supervisor.mjs';
import { readOptions } from './lib/options.mjs';

const USAGE = `usage: npm run dev
Runs both apps and the page, and updates each when its sources change. SIDECAR_PORT, PUBLISHER_PORT and WEB_PORT are their ports.`;

await runScript(async () => {
  readOptions('dev', USAGE);
  const sidecar = settingsOf('sidecar', process.env);
  const publisher = settingsOf('publisher', process.env, {
    SIDECAR_HTTP_URL: sidecar.url,
    SENT_TIME: 'true',
  });
  const webPort = portSetting('WEB_PORT', process.env) ?? '5173';
  await assertPortIsFree(sidecar);
  await assertPortIsFree(publisher);
  await ensureInstalled();

  return new Supervisor().run(async (add) => {
    for (const { app, env } of [sidecar, publisher]) {
      // Without --no-shell the watcher starts the app through a shell, and a SIGTERM leaves the app behind.
      const nest = [packageFile('@nestjs', 'cli', 'bin', 'nest.js'), 'start', app];
      add(
        new Service(
          `the watcher of ${app}`,
          [...nest, '--watch', '--no-shell', '--preserveWatchOutput'],
          env,
        ),
      );
    }
    // The page's own server: it passes what is not the page on to the publisher, and shows an edit at once.
    add(
      new Service('the server of the page', ['scripts/web-dev.mjs'], {
        ...process.env,
        PUBLISHER_URL: publisher.url,
        WEB_PORT: webPort,
      }),
    );
    console.log(
      `compiling; then the page is at http://127.0.0.1:${webPort}/ and the metrics at ${sidecar.url}/metrics/`,
    );
  });
});
