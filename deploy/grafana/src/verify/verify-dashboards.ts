// `npm run dashboards:verify`, run from the repository's root when the apps are built.
import { spawnSync } from 'node:child_process';
import { METRICS } from '../../../../libs/contracts/src/index.js';
import { allDashboards, DASHBOARDS } from '../dashboard-catalogue.js';
import { configuredDashboard } from '../configured-dashboard.js';
import { buildDashboard } from '../dashboard-kit.js';
import { KNOWN_LOAD, ORDERS_FILE, ORDERS_SHOWN } from '../known-load.js';
import type { DashboardDefinition, ProofLink } from '../panel-definition.js';
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
  // Each started program listens for the end of this process, and there are more than the ten that Node takes for a leak.
  process.setMaxListeners(0);
  const isCi = Boolean(process.env.CI);
  const missing = ['prometheus', 'nats-server'].filter(
    (program) => spawnSync(program, ['--version'], { stdio: 'ignore' }).status !== 0,
  );
  const isWithout = (program: string): boolean => missing.includes(program);
  for (const program of missing) {
    const what = program === 'prometheus' ? 'dashboards:verify' : 'the proof of the dashboard Broker';
    console.log(
      `${what} ${isCi ? 'failed' : 'skipped'}: ${program} is not installed (apt-get install ${program})`,
    );
  }
  if (isCi && missing.length > 0) return 1;
  if (isWithout('prometheus')) return 0;
  const beginning = nowSeconds();
  // Side by side: each stack has a Prometheus of its own, and nearly all of the time is waiting for its scrapes.
  const links = [...new Set(DASHBOARDS.map(({ provenWith }) => provenWith))].filter(
    (link) => link !== 'broker' || !isWithout('nats-server'),
  );
  const outcomes = await Promise.allSettled(links.map(proveWith));
  const failure = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failure !== undefined) throw failure.reason;
  const proofs = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  return report(proofs, nowSeconds() - beginning);
}

/** A dashboard that is made from a file of event types, as a user makes one. */
function ordersDashboard(): DashboardDefinition {
  return configuredDashboard(ORDERS_FILE, ORDERS_SHOWN);
}

/** What was proven over one link. */
interface StackProof {
  readonly panels: readonly PanelProof[];
  readonly rules: readonly RuleProof[];
  readonly restartMarks: Verdict;
}

async function proveWith(link: ProofLink): Promise<StackProof> {
  const beginning = nowSeconds();
  const stack = await ProofStack.prepare(link);
  running.add(stack);
  try {
    console.log(
      `starting Prometheus and both apps with ${link === 'broker' ? 'NATS_URL' : `DELIVERY=${link}`}`,
    );
    await stack.start();
    console.log(`sending ${SENT} trades in ${KNOWN_LOAD.seconds} s`);
    const at = await load(stack, beginning);
    return {
      panels: await provePanels(
        stack.prometheus,
        at,
        [...DASHBOARDS, ordersDashboard()].filter(({ provenWith }) => provenWith === link),
      ),
      // The rules are the same for both deliveries over ZeroMQ.
      rules: link === 'durable' ? [] : await proveRules(stack.prometheus, at, link === 'broker'),
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
  await sendKnownLoad(stack.publisherUrl, stack.link === 'at-most-once' ? stack.zmqAddress : undefined);
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
  const all = [...allDashboards(), buildDashboard(ordersDashboard())];
  const shapes = JSON.parse(JSON.stringify(all)) as Parameters<typeof schemaFaults>[0];
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
