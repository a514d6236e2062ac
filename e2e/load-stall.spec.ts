import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Program, ProgramScope } from '../testing/program.js';
import { whenApplied } from '../testing/samples.js';
import { chooseAddresses, type StackAddresses, startPublisher, startSidecar } from '../testing/stack.js';
import { waitUntil } from '../testing/wait.js';

const RATE = 1000;
const DURATION_SECONDS = 2.5;
const STALL_MS = 1500;
/** Between the stop and the first event due in it, and what the signals themselves take. */
const TOLERANCE_SECONDS = 0.05;

type Latencies = Readonly<Record<string, number>>;
interface Report {
  readonly accepted: number;
  readonly applied: number;
  readonly answerLatency: Latencies;
  readonly receiveLatency: Latencies;
}

/** Freezes a process, as a long garbage collection or a suspended machine would. @returns for how many seconds, at least */
async function stall(frozen: Program): Promise<number> {
  frozen.signal('SIGSTOP');
  const stoppedMs = performance.now();
  try {
    await waitUntil('the stall to be over', () => performance.now() - stoppedMs >= STALL_MS);
    return (performance.now() - stoppedMs) / 1000;
  } finally {
    frozen.signal('SIGCONT');
  }
}

function expectStall(latencies: Latencies, stallSeconds: number): void {
  const least = stallSeconds - TOLERANCE_SECONDS;
  expect(latencies['100']).toBeGreaterThanOrEqual(least);
  expect(latencies['99.9']).toBeGreaterThanOrEqual(least);
  expect(latencies['90']).toBeGreaterThanOrEqual(stallSeconds / 2);
}

/**
 * A generator that waits for answers before it goes on sends next to nothing during a stall, and so sees it next to
 * never (coordinated omission). Here every event due in the stall has to show it: half of all that are sent.
 */
describe('a stall in the middle of a load', () => {
  const scope = new ProgramScope();
  const folder = mkdtempSync(join(tmpdir(), 'trading-stall-'));
  const jsonFile = join(folder, 'report.json');
  let at: StackAddresses;
  let sidecar: Program;
  let publisher: Program;

  beforeAll(async () => {
    at = await chooseAddresses();
    sidecar = await startSidecar(scope, at);
    publisher = await startPublisher(scope, at);
  });
  afterAll(async () => {
    await scope.dispose();
    rmSync(folder, { recursive: true });
  });

  async function loadWithStall(via: 'http' | 'zmq', frozen: Program) {
    const { buy, sell } = await whenApplied(at.sidecarUrl, 0);
    const where = ['--url', at.publisherUrl, '--sidecar', at.sidecarUrl, '--zmq', at.zmqAddress];
    const run = ['--via', via, '--rate', String(RATE), '--duration', String(DURATION_SECONDS)];
    const load = scope.start(process.execPath, ['scripts/load.mjs', ...run, ...where, '--json', jsonFile]);
    await whenApplied(at.sidecarUrl, buy + sell + RATE / 10);
    const stallSeconds = await stall(frozen);
    expect(await load.exited).toEqual({ code: 0, signal: null });
    return { stallSeconds, report: JSON.parse(readFileSync(jsonFile, 'utf8')) as Report };
  }

  it('of the sidecar is in its receive latency, and nothing is lost', async () => {
    const { stallSeconds, report } = await loadWithStall('zmq', sidecar);

    expectStall(report.receiveLatency, stallSeconds);
    expect(report).toMatchObject({ accepted: RATE * DURATION_SECONDS, applied: RATE * DURATION_SECONDS });
  });

  it('of the publisher is in the latency of its answers, and nothing is lost', async () => {
    const { stallSeconds, report } = await loadWithStall('http', publisher);

    expectStall(report.answerLatency, stallSeconds);
    expect(report).toMatchObject({ accepted: RATE * DURATION_SECONDS, applied: RATE * DURATION_SECONDS });
  });
});
