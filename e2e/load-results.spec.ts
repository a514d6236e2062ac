import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ProgramScope } from '../testing/program.js';
import { whenApplied } from '../testing/samples.js';
import { chooseAddresses, type StackAddresses, startPublisher, startSidecar } from '../testing/stack.js';
import { describeWhen } from '../testing/installed.js';

const hasChromium = spawnSync('chromium', ['--version'], { stdio: 'ignore' }).status === 0;
const LOAD = 'hawkes (branching 0.7, decay 100 ms) arrivals, pareto quantities, seed 3';
const PNG_MAGIC = '89504e47';

describe('what npm run load can do', () => {
  const scope = new ProgramScope();
  const folder = mkdtempSync(join(tmpdir(), 'trading-load-results-'));
  let at: StackAddresses;
  let where: string[];

  const file = (name: string): string => join(folder, name);
  const run = (...args: string[]) => scope.start(process.execPath, ['scripts/load.mjs', ...where, ...args]);

  beforeAll(async () => {
    at = await chooseAddresses();
    where = ['--url', at.publisherUrl, '--sidecar', at.sidecarUrl, '--zmq', at.zmqAddress];
    await startSidecar(scope, at);
    await startPublisher(scope, at);
  });
  afterAll(async () => {
    await scope.dispose();
    rmSync(folder, { recursive: true });
  });

  it('searches the highest rate of self-exciting arrivals, says it, and keeps its percentile curve', async () => {
    const results = ['--json', file('ramp.json'), '--hdr', file('ramp.hgrm'), '--chart', file('ramp.svg')];
    // A bound that any machine keeps: what is tested is the way to the answer.
    const search = ['--rate', '100..400', '--duration', '0.5', '--warmup', '0.2', '--p99-bound', '5s'];
    const load = run(...search, '--arrivals', 'hawkes', '--qty', 'pareto', '--seed', '3', ...results);

    expect((await load.exited).code).toBe(0);
    expect(load.stdout).toMatch(/ 100\/s .*\n +200\/s .*\n +400\/s .*holds/);
    expect(load.stdout).toContain(
      'the highest rate at which p99 stays under 5000.00 ms: 400/s (the highest rate asked for)',
    );
    expect(JSON.parse(readFileSync(file('ramp.json'), 'utf8'))).toMatchObject({
      highestRatePerSecond: 400,
      steps: [{ load: LOAD }, { load: LOAD }, { load: LOAD }],
    });
    expect(readFileSync(file('ramp.hgrm'), 'utf8')).toMatch(/ 1\.000000 +\d+ +inf\n#\[Mean/);
    expect(readFileSync(file('ramp.svg'), 'utf8')).toMatch(/^<svg .*<polyline .*<\/svg>\n$/s);
  });

  it('fails a search in which not even the lowest rate holds', async () => {
    const load = run('--rate', '100..400', '--duration', '0.2', '--warmup', '0', '--p99-bound', '1us');

    expect((await load.exited).code).toBe(1);
    expect(load.stdout).toContain('not even at 100/s');
  });

  it('replays a tape to the last trade, silent about its progress in a pipe', async () => {
    const { buy, sell, buyVolume, sellVolume } = await whenApplied(at.sidecarUrl, 0);
    writeFileSync(
      file('tape.csv'),
      'ts,side,qty\n1597399200.25,buy,2.5\n1597399200.25,buy,0.25\n1597399205,sell,4\n',
    );

    const load = run('--replay', file('tape.csv'), '--speed', '50', '--warmup', '0.01');

    expect((await load.exited).code).toBe(0);
    expect(load.stderr).toBe('');
    expect(load.stdout).toContain('3 of 3 events accepted');
    // The warm-up is the beginning of the tape: its two trades count in the sidecar, and not in the report.
    expect(await whenApplied(at.sidecarUrl, buy + sell + 5)).toEqual({
      buy: buy + 4,
      sell: sell + 1,
      buyVolume: buyVolume + 5.5,
      sellVolume: sellVolume + 4,
    });
  });

  it('names the bad rows of a tape, and sends nothing of it', async () => {
    writeFileSync(file('bad.csv'), 'ts,side,qty\n1,buy,1\n2,hold,1\n');

    const load = run('--replay', file('bad.csv'));

    expect((await load.exited).code).toBe(65);
    expect(load.stderr).toContain('line 3: "hold" is neither buy nor sell');
  });

  it('refuses before the run a file that it could not write after it', async () => {
    const load = run('--json', file('no-such-folder/report.json'));

    expect((await load.exited).code).toBe(64);
    expect(load.stderr).toMatch(/^load: --json: nothing can be written to the folder .*\n$/);
  });

  describeWhen(hasChromium, 'with Chromium', 'chromium is not installed: apt-get install chromium', () => {
    it('draws the curve as a picture', async () => {
      const load = run('--rate', '200', '--duration', '0.5', '--chart', file('curve.png'));

      expect((await load.exited).code).toBe(0);
      expect(readFileSync(file('curve.png')).subarray(0, 4).toString('hex')).toBe(PNG_MAGIC);
    });
  });
});
