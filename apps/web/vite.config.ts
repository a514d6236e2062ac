import tailwind from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

const publisher = process.env['PUBLISHER_URL'] ?? 'http://127.0.0.1:8000';
/** What the publisher answers; the rest is the page. */
const PUBLISHER_ROUTES =
  /^\/(trade|trades|demo|events|sidecar|prometheus|page|plain|docs|docs-json|health|metrics)(\/|\?|$)/;

/**
 * Sonner puts its style sheet into the page by script, which our Content-Security-Policy forbids. The same sheet is
 * imported as a file (app.css), so the call is taken out.
 */
function sonnerWithoutInlineStyle(): Plugin {
  return {
    name: 'sonner-without-inline-style',
    transform(code, id) {
      if (!/sonner[/\\]dist[/\\]index\.mjs/.test(id)) return undefined;
      const stripped = code.replace(/^__insertCSS\(".*"\);$/m, '');
      if (stripped === code) this.error('sonner inserts its style in another way than this plugin knows');
      return { code: stripped, map: null };
    },
  };
}

/** The page: built to dist/apps/web, which the publisher serves; in development Vite serves it and asks the publisher. */
export default defineConfig({
  root: import.meta.dirname,
  // Relative: only a proxy knows what stands before the page's own path.
  base: './',
  worker: { format: 'es' },
  plugins: [react(), tailwind(), sonnerWithoutInlineStyle()],
  optimizeDeps: { exclude: ['sonner'] },
  build: {
    outDir: '../../dist/apps/web',
    emptyOutDir: true,
    target: 'es2022',
    // A data: address for a script or a style would need a hole in the Content-Security-Policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // What counts is what a browser loads: e2e/web-quality.spec.ts has the limit.
    chunkSizeWarningLimit: 600,
  },
  server: {
    host: '127.0.0.1',
    port: Number(process.env['WEB_PORT'] ?? 5173),
    strictPort: true,
    // The Host header stays as the browser sent it, so that the publisher sees one origin.
    proxy: { [PUBLISHER_ROUTES.source]: { target: publisher, changeOrigin: false } },
  },
});
