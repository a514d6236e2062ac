// The page's own server, for `npm run dev`: an edit shows at once, and what is not the page goes to PUBLISHER_URL.
import { join } from 'node:path';
import { createServer } from 'vite';
import { ROOT } from './lib/project.mjs';

// Vite closes itself on SIGTERM and then ends with 143, unless a code is set: a stop that was asked for is no failure.
process.once('SIGTERM', () => {
  process.exitCode = 0;
});
// A closed terminal is a stop too, and Vite knows of SIGTERM only.
process.once('SIGHUP', () => process.kill(process.pid, 'SIGTERM'));
const server = await createServer({ configFile: join(ROOT, 'apps', 'web', 'vite.config.ts') });
await server.listen();
server.printUrls();
