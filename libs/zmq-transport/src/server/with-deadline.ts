import { performance } from 'node:perf_hooks';

/** Waits for `work`, at most until `deadline` (by `performance.now()`, which no change of the clock moves). */
export async function withDeadline(work: Promise<void>, deadline: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, Math.max(0, deadline - performance.now()));
  });
  await Promise.race([work, timeout]);
  clearTimeout(timer);
}
