import { FIGURE_PEERS } from '../peers/peer-info.js';
import type { BenchReport, Measured } from './bench-report.js';
import { productRows } from './product.js';
import { targetVerdicts } from './targets.js';

/** Compares the results with the targets. */
export function judged(measured: Measured): BenchReport {
  return { ...measured, product: productRows(measured), targets: targetVerdicts(measured) };
}

/**
 * Replaces the kept results' figures by those of a run. For these figures the run says which peers were left out; for the
 * others, the kept results do.
 */
export function merged(kept: Measured | undefined, run: Measured): BenchReport {
  if (kept === undefined) return judged(run);
  const isOfRun = ([peer, why]: readonly [string, string]): boolean => {
    const figures = Object.entries(FIGURE_PEERS);
    const told = figures.filter(([figure]) => why.startsWith(`${figure}: `));
    const concerned = told.length > 0 ? told : figures.filter(([, peers]) => peers.some((it) => it === peer));
    return concerned.some(([figure]) => run.parts?.[figure] !== undefined);
  };
  const left = Object.entries(kept.left).filter((entry) => !isOfRun(entry));
  return judged({
    ...kept,
    ...run,
    parts: { ...kept.parts, ...run.parts },
    left: { ...Object.fromEntries(left), ...run.left },
  });
}
