import { useSyncExternalStore } from 'react';

/** The pages, by their address. */
export const ROUTES = ['/', '/latency', '/pipeline'] as const;

/** One of `ROUTES`. */
export type Route = (typeof ROUTES)[number];

const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  window.addEventListener('popstate', listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener('popstate', listener);
  };
}

function current(): Route {
  const path = window.location.pathname.replace(/(.)\/$/, '$1');
  return ROUTES.find((route) => route === path) ?? '/';
}

/** The page that is shown. */
export function useRoute(): Route {
  return useSyncExternalStore(subscribe, current);
}

/** Shows another page without loading the document again: feeds and tape stay as they are. */
export function goTo(route: Route): void {
  window.history.pushState(null, '', route);
  for (const listener of listeners) listener();
}
