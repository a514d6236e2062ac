import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { toast } from 'sonner';
import { askGuarded } from '../access/guarded-ask.js';
import { askJson, ProblemError } from '../net/problem-error.js';

/** The publisher's built-in demo: made-up trades at a gentle rate, until it ends by itself. */
export interface Demo {
  /** False while the publisher is stopping. */
  readonly available: boolean;
  readonly running: boolean;
  /** Trades a second, on average. */
  readonly rate: number;
  /** Unix epoch seconds; null when none runs. */
  readonly endsAt: number | null;
}

const KEY = ['demo'];
const EVERY_MS = 3000;
const NOT_FOUND = 404;

/** Undefined where the demo is switched off, and until the publisher has answered. */
async function fetchDemo(): Promise<Demo | null> {
  try {
    return await askJson<Demo>('demo');
  } catch (error) {
    if (error instanceof ProblemError && error.status === NOT_FOUND) return null;
    throw error;
  }
}

/** The demo as it is now, and a function that starts or stops it; undefined where there is none. */
export function useDemo(): { demo: Demo; isAsking: boolean; turn: (on: boolean) => void } | undefined {
  const client = useQueryClient();
  const { data, isError } = useQuery({ queryKey: KEY, queryFn: fetchDemo, refetchInterval: EVERY_MS });
  const { mutate, isPending } = useMutation({
    networkMode: 'always',
    mutationFn: (on: boolean) => {
      const init = on
        ? { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' }
        : { method: 'DELETE' };
      return askGuarded<Demo>('demo', init, 'user');
    },
    onSuccess: (demo) => client.setQueryData(KEY, demo),
    onError: (error) => {
      toast.error(`The demo: ${error.message}`);
      void client.invalidateQueries({ queryKey: KEY });
    },
  });
  if (!data || isError) return undefined;
  return { demo: data, isAsking: isPending, turn: mutate };
}
