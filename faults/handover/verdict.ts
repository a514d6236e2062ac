import type { HandoverReport, RunReport } from './handover-run.js';

/** Of the offered rate. */
export const HIGHEST_SHARE = 1.05;
/** That the rate is seen at all: when it is steady again, it is the offered one. */
const LAST_SHARE = { least: 0.95, most: HIGHEST_SHARE };
/** That a hand-over after a kill may take beyond the ordinary start. */
export const MOST_KILL_SECONDS = 5;

/** Seconds that a hand-over took beyond the ordinary start of its successor. */
export function beyondOrdinary({ times, ordinarySeconds }: HandoverReport): number {
  return times.counting - ordinarySeconds;
}

/** What was promised and not kept, a line each. */
export function violationsOf({ handovers, rates, published, counted }: RunReport): string[] {
  const lines: string[] = [];
  for (const { rule, highest, last } of rates) {
    if (!(highest <= HIGHEST_SHARE)) lines.push(`${rule} rose to ${highest.toFixed(3)} × the offered rate`);
    if (!(last >= LAST_SHARE.least && last <= LAST_SHARE.most))
      lines.push(`${rule} ended at ${last.toFixed(3)} × the offered rate`);
  }
  for (const handover of handovers.filter(({ isKill }) => isKill)) {
    const seconds = beyondOrdinary(handover);
    if (!(seconds <= MOST_KILL_SECONDS))
      lines.push(`the hand-over after a kill took ${seconds.toFixed(1)} s beyond an ordinary start`);
  }
  if (counted !== published) lines.push(`${published} events were published, ${counted} counted`);
  return lines;
}
