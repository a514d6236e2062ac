// `npm run dev`: both apps under the Nest CLI's watcher; an edit in an app or a library restarts what it concerns.
import { ensureInstalled } from './lib/install.mjs';
import { assertPortIsFree } from './lib/port.mjs';
import { packageFile } from './lib/project.mjs';
import { runScript } from './lib/script-error.mjs';
import { Service } from './lib/service.mjs';
import { settingsOf } from './lib/settings.mjs';
import { Supervisor } from './lib/supervisor.mjs';

await runScript(async () => {
  const sidecar = settingsOf('sidecar', process.env);
  const publisher = settingsOf('publisher', { SIDECAR_HTTP_URL: sidecar.url, ...process.env });
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
    console.log(
      `compiling; then the page is at ${publisher.url}/ and the metrics at ${sidecar.url}/metrics/`,
    );
  });
});
