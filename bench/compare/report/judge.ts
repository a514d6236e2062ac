import { FIGURE_PEERS } from '../peers/peer.info.js';
import type { BenchReport, Measured } from './bench.report.js';
import { productRows } from './product.js';
import { targetVerdicts } from './targets.js';

/** Judges what was measured. */
export function judged(measured: Measured): BenchReport {
  return { ...measured, product: productRows(measured), targets: targetVerdicts(measured) };
}

/**
 * Puts the figures of a run in the place of the same ones of what is kept. A peer that was left out of one of these
 * figures is told by the run, of another by what is kept.
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
