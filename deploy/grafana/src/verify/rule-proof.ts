import type { LoadedRule, PrometheusApi } from './prometheus-api.js';
import { selectorsOf, syntaxFaults } from './promql-reader.js';
import { steadyPart, type ProofMoments } from './proof-moments.js';
import { isAboutBroker, MAY_BE_PENDING, RULE_EXPECTATIONS } from './rule-expectations.js';
import { checkValues, type Verdict } from './value-check.js';

/** A rule as Prometheus has loaded it, executed. */
export interface RuleProof {
  readonly rule: string;
  readonly verdict: Verdict;
}

/**
 * Executes the expression of every rule that the running Prometheus has loaded.
 * @param hasBroker those that are about a broker need one, and the others are proven without
 */
export async function proveRules(
  prometheus: PrometheusApi,
  at: ProofMoments,
  hasBroker: boolean,
): Promise<RuleProof[]> {
  const rules = (await prometheus.rules()).filter((rule) => isAboutBroker(rule) === hasBroker);
  if (rules.length === 0) throw new Error('Prometheus has loaded no rules');
  const proofs: RuleProof[] = [];
  for (const rule of rules)
    proofs.push({ rule: rule.name, verdict: await proveRule(prometheus, rule, steadyPart(at).to) });
  return proofs;
}

async function proveRule(prometheus: PrometheusApi, rule: LoadedRule, atSeconds: number): Promise<Verdict> {
  try {
    const faults = syntaxFaults(rule.query);
    if (faults.length > 0) throw new Error(`not PromQL from: ${faults.join(' | ')}`);
    if (rule.health !== 'ok') throw new Error(`evaluates as ${rule.health}: ${rule.lastError ?? ''}`);
    return rule.type === 'recording'
      ? await proveRecording(prometheus, rule, atSeconds)
      : await proveAlert(prometheus, rule, atSeconds);
  } catch (error) {
    return { seen: '-', faults: [error instanceof Error ? error.message : String(error)] };
  }
}

async function proveRecording(
  prometheus: PrometheusApi,
  { name, query }: LoadedRule,
  atSeconds: number,
): Promise<Verdict> {
  const expected = RULE_EXPECTATIONS[name];
  if (expected === undefined) throw new Error('has no entry in rule-expectations.ts');
  const found = await prometheus.query(query, atSeconds);
  return checkValues(
    found.map((one) => ({ ...one, name: JSON.stringify(one.labels) })),
    expected,
  );
}

/** Silent in health, and not for want of data: everything that the alert asks for has to be there. */
async function proveAlert(
  prometheus: PrometheusApi,
  { name, query, state }: LoadedRule,
  atSeconds: number,
): Promise<Verdict> {
  const faults: string[] = [];
  const isTrue = (await prometheus.query(query, atSeconds)).length > 0;
  if (state === 'firing') faults.push('fires although all is well');
  if (isTrue && !MAY_BE_PENDING.has(name)) faults.push('is true although all is well');
  for (const selector of selectorsOf(query)) {
    const found = await prometheus.query(selector, atSeconds);
    if (found.length === 0) faults.push(`nothing answers to ${selector}`);
  }
  return { seen: isTrue ? 'true, not firing' : 'silent', faults };
}
