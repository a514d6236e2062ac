import { useSyncExternalStore } from 'react';

/** What the user chose; `system` follows the device. */
export type ThemeChoice = 'system' | 'light' | 'dark';

const KEY = 'trade-desk.theme';
const CHOICES: readonly ThemeChoice[] = ['system', 'light', 'dark'];
const listeners = new Set<() => void>();
let choice: ThemeChoice = 'system';

function deviceIsDark(): MediaQueryList {
  return window.matchMedia('(prefers-color-scheme: dark)');
}

function resolved(): 'light' | 'dark' {
  if (choice !== 'system') return choice;
  return deviceIsDark().matches ? 'dark' : 'light';
}

function apply(): void {
  document.documentElement.dataset['theme'] = resolved();
  for (const listener of listeners) listener();
}

/** Sets the remembered theme before the first paint, and follows the device from then on. */
export function startTheme(): void {
  const stored = localStorage.getItem(KEY);
  choice = CHOICES.find((candidate) => candidate === stored) ?? 'system';
  deviceIsDark().addEventListener('change', apply);
  apply();
}

/** Chooses a theme and remembers it. */
export function chooseTheme(next: ThemeChoice): void {
  choice = next;
  localStorage.setItem(KEY, next);
  apply();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The user's choice. */
export function useThemeChoice(): ThemeChoice {
  return useSyncExternalStore(subscribe, () => choice);
}

/** The resulting theme now: charts read their colours again when it changes. */
export function useTheme(): 'light' | 'dark' {
  return useSyncExternalStore(subscribe, resolved);
}
