import { create } from 'zustand';

/** What the user chose; `system` follows the device. */
export type ThemeChoice = 'system' | 'light' | 'dark';
type Theme = 'light' | 'dark';

const KEY = 'trade-desk.theme';
const CHOICES: readonly ThemeChoice[] = ['system', 'light', 'dark'];
const useStore = create<{ readonly choice: ThemeChoice; readonly theme: Theme }>(() => ({
  choice: 'system',
  theme: 'light',
}));

function deviceIsDark(): MediaQueryList {
  return window.matchMedia('(prefers-color-scheme: dark)');
}

function apply(choice: ThemeChoice): void {
  const ofDevice = deviceIsDark().matches ? 'dark' : 'light';
  const theme = choice === 'system' ? ofDevice : choice;
  document.documentElement.dataset['theme'] = theme;
  useStore.setState({ choice, theme });
}

/** Sets the remembered theme before the first paint, and follows the device from then on. */
export function startTheme(): void {
  const stored = localStorage.getItem(KEY);
  deviceIsDark().addEventListener('change', () => apply(useStore.getState().choice));
  apply(CHOICES.find((candidate) => candidate === stored) ?? 'system');
}

/** Chooses a theme and remembers it. */
export function chooseTheme(next: ThemeChoice): void {
  localStorage.setItem(KEY, next);
  apply(next);
}

/** The user's choice. */
export function useThemeChoice(): ThemeChoice {
  return useStore(({ choice }) => choice);
}

/** The resulting theme now: charts read their colours again when it changes. */
export function useTheme(): Theme {
  return useStore(({ theme }) => theme);
}
