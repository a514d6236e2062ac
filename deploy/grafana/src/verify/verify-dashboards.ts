// `npm run dashboards:verify`, run from the repository's root when the apps are built.
import { spawnSync } from 'node:child_process';
import { type DeliveryMode, METRICS } from '../../../../libs/contracts/src/index.js';
import { allDashboards, DASHBOARDS } from '../dashboard-catalogue.js';
import { KNOWN_LOAD } from '../known-load.js';
import { contactSheet, writeContactSheet } from './contact-sheet.js';
import { type PanelProof, provePanels, proveRestartMarks } from './panel-proof.js';
import type { ProofMoments } from './proof-moments.js';
import { RATE_WINDOW_SECONDS } from './promql-reader.js';
import { proofLines, proofTable } from './proof-report.js';
import { ProofStack } from './proof-stack.js';
import { proveRules, type RuleProof } from './rule-proof.js';
import { schemaFaults } from './schema-check.js';
import { sendKnownLoad } from './steady-load.js';
import type { Verdict } from './value-check.js';

const SHEET_FILE = 'dist/dashboards-verify/contact-sheet.svg';
const SENT = KNOWN_LOAD.seconds * KNOWN_LOAD.postsPerSecond * KNOWN_LOAD.post.length;
/** Stacks that are not stopped. */
const running = new Set<ProofStack>();
const nowSeconds = (): number => Date.now() / 1000;

/**
 * Proves every panel and every rule on a real Prometheus under a known load.
 * @returns the exit code: 0 proven (or skipped outside CI, said by name), 1 not
 */
export async function verifyDashboards(): Promise<number> {
  if (spawnSync('prometheus', ['--version'], { stdio: 'ignore' }).status !== 0) {
    const isCi = Boolean(process.env.CI);
    console.log(
      `dashboards:verify ${isCi ? 'failed' : 'skipped'}: prometheus is not installed (apt-get install prometheus)`,
    );
    return isCi ? 1 : 0;
  }
  const beginning = nowSeconds();
  // Side by side: each stack has a Prometheus of its own, and nearly all of the time is waiting for its scrapes.
  const deliveries = [...new Set(DASHBOARDS.map(({ provenWith }) => provenWith))];
  const outcomes = await Promise.allSettled(deliveries.map(proveWith));
  const failure = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failure !== undefined) throw failure.reason;
  const proofs = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  return report(proofs, nowSeconds() - beginning);
}

/** What was proven while the apps delivered in one way. */
interface StackProof {
  readonly panels: readonly PanelProof[];
  readonly rules: readonly RuleProof[];
  readonly restartMarks: Verdict;
}

async function proveWith(delivery: DeliveryMode): Promise<StackProof> {
  const beginning = nowSeconds();
  const stack = await ProofStack.prepare(delivery);
  running.add(stack);
  try {
    console.log(`starting Prometheus and both apps with DELIVERY=${delivery}`);
    await stack.start();
    console.log(`sending ${SENT} trades in ${KNOWN_LOAD.seconds} s`);
    const at = await load(stack, beginning);
    return {
      panels: await provePanels(
        stack.prometheus,
        at,
        DASHBOARDS.filter(({ provenWith }) => provenWith === delivery),
      ),
      rules: delivery === 'at-most-once' ? await proveRules(stack.prometheus, at) : [],
      restartMarks: await proveRestartMarks(stack.prometheus, at),
    };
  } finally {
    await stack.stop();
    running.delete(stack);
  }
}

/** Ends what the proofs have started, for whoever has to end in the middle of them. */
export async function stopProofs(): Promise<void> {
  await Promise.all([...running].map((stack) => stack.stop()));
}

async function load(stack: ProofStack, beginning: number): Promise<ProofMoments> {
  const loadStart = nowSeconds();
  await sendKnownLoad(stack.publisherUrl, stack.delivery === 'at-most-once' ? stack.zmqAddress : undefined);
  const loadEnd = nowSeconds();
  // Exactly: if more or less arrives, there is nothing to be proven about. Each app has scrapes of its own, so the
  // last one of the publisher may still show a queue that the sidecar has long emptied.
  for (const counter of [METRICS.publisherAccepted.name, METRICS.tradesTotal.name])
    await stack.holds(`${SENT} in ${counter}`, `sum(${counter}) == ${SENT}`);
  await stack.holds('empty queues', `sum(${METRICS.transportQueueDepth.name}) == 0`);
  await stack.scrapedAfter(RATE_WINDOW_SECONDS);
  return { beginning, loadStart, loadEnd, rest: nowSeconds() };
}

function report(proofs: readonly StackProof[], seconds: number): number {
  const panels = proofs.flatMap((proof) => proof.panels);
  const rules = proofs.flatMap((proof) => proof.rules);
  const shapes = JSON.parse(JSON.stringify(allDashboards())) as Parameters<typeof schemaFaults>[0];
  const lines = proofLines(panels, rules, [
    ...proofs.map(({ restartMarks }) => ['marks of restarts', restartMarks] as const),
    ['shapes by @grafana/schema', { seen: `${shapes.length} dashboards`, faults: schemaFaults(shapes) }],
  ]);
  console.log(proofTable(lines));
  console.log(writeContactSheet(SHEET_FILE, contactSheet(panels)).join(', '));
  const failures = lines.filter(({ verdict }) => verdict.faults.length > 0).length;
  console.log(`${lines.length - failures} proven, ${failures} failed in ${Math.round(seconds)} s`);
  return failures === 0 ? 0 : 1;
}
