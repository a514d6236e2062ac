import { Monitor, Moon, Sun } from 'lucide-react';
import type { MouseEvent } from 'react';
import { DemoSwitch } from '../demo/demo-switch.js';
import { chooseTheme, useThemeChoice, type ThemeChoice } from '../theme/theme-store.js';
import { Button } from '../ui/button.js';
import { cn } from '../ui/class-names.js';
import { LinkStatus } from './link-status.js';
import { addressOf, goTo, type Route } from './route.js';

const LINKS: readonly { readonly route: Route; readonly label: string }[] = [
  { route: '/', label: 'Trade' },
  { route: '/latency', label: 'Latency' },
  { route: '/pipeline', label: 'Pipeline' },
];

const NEXT_THEME: Record<ThemeChoice, ThemeChoice> = { system: 'light', light: 'dark', dark: 'system' };
const THEME_ICONS = { system: <Monitor />, light: <Sun />, dark: <Moon /> };

function follow(event: MouseEvent, route: Route): void {
  // The browser opens a new tab or window itself.
  if (event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  goTo(route);
}

/** Name, pages, the state of the link, theme. */
export function Header({ route }: { readonly route: Route }) {
  const theme = useThemeChoice();
  return (
    <header className="flex flex-wrap items-center gap-x-4 gap-y-1 border-b border-line bg-panel px-3 py-1.5">
      <span className="font-semibold max-sm:sr-only">Trade desk</span>
      <nav aria-label="Pages" className="flex gap-1">
        {LINKS.map((link) => (
          <a
            key={link.route}
            href={addressOf(link.route)}
            aria-current={route === link.route ? 'page' : undefined}
            onClick={(event) => follow(event, link.route)}
            className={cn(
              'rounded px-2 py-1 text-ink-2 hover:text-ink',
              route === link.route &&
                'bg-panel-2 font-semibold text-ink underline decoration-2 underline-offset-6',
            )}
          >
            {link.label}
          </a>
        ))}
      </nav>
      <div className="ml-auto flex items-center gap-2">
        <DemoSwitch />
        <LinkStatus />
        <Button
          variant="ghost"
          size="icon"
          aria-label={`Theme: ${theme}. Change to ${NEXT_THEME[theme]}`}
          title={`Theme: ${theme}`}
          onClick={() => chooseTheme(NEXT_THEME[theme])}
        >
          {THEME_ICONS[theme]}
        </Button>
      </div>
    </header>
  );
}
