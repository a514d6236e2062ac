import { QueryClient } from '@tanstack/react-query';
import { ProblemError } from './problem-error.js';

/**
 * Asks the servers again and again while the page is visible. The next question of a kind comes when the last one is
 * answered; a failure is shown and the next turn asks again, so nothing is retried in between.
 */
export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        retry: false,
        // The servers may be on this machine: being offline says nothing about them.
        networkMode: 'always',
        // A refusal or a missing answer is shown; anything else is a bug and must be seen.
        throwOnError: (error) => !(error instanceof ProblemError),
      },
    },
  });
}
