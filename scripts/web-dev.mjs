// The page's own server, for `npm run dev`: an edit shows at once, and what is not the page goes to PUBLISHER_URL.
import { join } from 'node:path';
import { createServer } from 'vite';
import { ROOT } from './lib/project.mjs';

const server = await createServer({ configFile: join(ROOT, 'apps', 'web', 'vite.config.ts') });
await server.listen();
server.printUrls();

// Vite's own command would end with 143, which looks like a failure to whoever stops it.
process.once('SIGTERM', async () => {
  await server.close();
  process.exit(0);
});
