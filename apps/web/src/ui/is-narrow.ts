import { useSyncExternalStore } from 'react';

/** Below this, rows are cards; Tailwind's `sm`. */
const QUERY = '(max-width: 39.99rem)';

function subscribe(listener: () => void): () => void {
  const query = window.matchMedia(QUERY);
  query.addEventListener('change', listener);
  return () => query.removeEventListener('change', listener);
}

/** True on a screen as wide as a phone. */
export function useIsNarrow(): boolean {
  return useSyncExternalStore(subscribe, () => window.matchMedia(QUERY).matches);
}
