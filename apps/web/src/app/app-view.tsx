import { lazy, Suspense, useEffect, useRef, type ReactNode } from 'react';
import { Toaster } from 'sonner';
import { TokenDialog } from '../access/token-dialog.js';
import { DeskProvider } from '../feed/desk-context.js';
import { useTheme } from '../theme/theme-store.js';
import { TradePage } from '../trade/trade-page.js';
import { Empty } from '../ui/panel.js';
import { Header } from './header-view.js';
import { useRoute, type Route } from './route.js';
import { StatusBanner } from './status-banner.js';

const LatencyPage = lazy(() => import('../latency/latency-page.js'));
const PipelinePage = lazy(() => import('../pipeline/pipeline-page.js'));

const TITLES: Record<Route, string> = { '/': 'Trade', '/latency': 'Latency', '/pipeline': 'Pipeline' };
const PAGES: Record<Route, ReactNode> = {
  '/': <TradePage />,
  '/latency': <LatencyPage />,
  '/pipeline': <PipelinePage />,
};

/** The whole desk. */
export function App() {
  const route = useRoute();
  const theme = useTheme();
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);
  useEffect(() => {
    document.title = `${TITLES[route]} · Trade desk`;
    // A screen reader must notice that the page changed; not on load, where it starts at the top anyway.
    if (!first.current) main.current?.focus();
    first.current = false;
  }, [route]);
  return (
    <DeskProvider>
      <a
        href="#main"
        className="sr-only rounded bg-panel p-2 focus:not-sr-only focus:absolute focus:top-1 focus:left-1 focus:z-50"
      >
        Skip to content
      </a>
      <Header route={route} />
      <StatusBanner />
      <main id="main" ref={main} tabIndex={-1} className="mx-auto max-w-[150rem] p-2 outline-none">
        <h1 className="sr-only">{TITLES[route]}</h1>
        <Suspense fallback={<Empty>Loading …</Empty>}>{PAGES[route]}</Suspense>
      </main>
      <TokenDialog />
      <Toaster
        theme={theme}
        position="bottom-right"
        visibleToasts={3}
        duration={2500}
        containerAriaLabel="Acknowledgements"
      />
    </DeskProvider>
  );
}
