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
  // Only the last part: the parts before it belong to the proxy.
  const path = window.location.pathname.slice(window.location.pathname.lastIndexOf('/'));
  return ROUTES.find((route) => route === path) ?? '/';
}

/** The page that is shown. */
export function useRoute(): Route {
  return useSyncExternalStore(subscribe, current);
}

/** Relative, from any page to another: all have one parent, which a proxy may put anywhere. */
export function addressOf(route: Route): string {
  return `.${route}`;
}

/** Shows another page without loading the document again: feeds and tape stay as they are. */
export function goTo(route: Route): void {
  window.history.pushState(null, '', addressOf(route));
  for (const listener of listeners) listener();
}
