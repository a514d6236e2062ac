import type { Observable } from 'rxjs';

/**
 * Subscribes to a source and looks at how it ends.
 *
 * @returns undefined when it completed at once, which costs no promise; else a promise of its end
 * @throws what it failed with at once
 */
export function outcomeOf(source: Observable<unknown>): Promise<void> | undefined {
  const now: { done?: true; failed?: { error: unknown }; later?: PromiseWithResolvers } = {};
  source.subscribe({
    complete: () => {
      if (now.later) now.later.resolve();
      else now.done = true;
    },
    error: (error: unknown) => {
      if (now.later) now.later.reject(error);
      else now.failed = { error };
    },
  });
  if (now.failed) throw now.failed.error;
  if (now.done) return undefined;
  return new Promise((resolve, reject) => {
    now.later = { resolve, reject };
  });
}

interface PromiseWithResolvers {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}
