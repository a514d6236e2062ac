import type { PanelProof } from './panel-proof.js';
import type { RuleProof } from './rule-proof.js';
import type { Verdict } from './value-check.js';

/** One line of the report. */
export interface ProofLine {
  readonly where: string;
  readonly what: string;
  readonly verdict: Verdict;
}

/** Every panel's queries, every rule, and what else was proven, as lines. */
export function proofLines(
  panels: readonly PanelProof[],
  rules: readonly RuleProof[],
  others: readonly (readonly [what: string, verdict: Verdict])[],
): ProofLine[] {
  return [
    ...panels.map(({ dashboard, panel, refId, verdict }) => ({
      where: dashboard,
      what: `${panel.title} (${refId})`,
      verdict,
    })),
    ...rules.map(({ rule, verdict }) => ({ where: 'Rules', what: rule, verdict })),
    ...others.map(([what, verdict]) => ({ where: 'All', what, verdict })),
  ];
}

/** The report as a table; what is wrong stands below its line. */
export function proofTable(lines: readonly ProofLine[]): string {
  const width = (pick: (line: ProofLine) => string): number =>
    Math.max(...lines.map((line) => pick(line).length));
  const whereWidth = width((line) => line.where);
  const whatWidth = width((line) => line.what);
  return lines
    .map(({ where, what, verdict: { seen, faults } }) =>
      [
        `${faults.length === 0 ? 'ok  ' : 'FAIL'}  ${where.padEnd(whereWidth)}  ${what.padEnd(whatWidth)}  ${seen}`,
        ...faults.map((fault) => `      ${fault}`),
      ].join('\n'),
    )
    .join('\n');
}
