import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ProgramScope } from '../testing/program.js';
import { chooseAddresses, type StackAddresses, startPublisher, startSidecar } from '../testing/stack.js';

describe('npm run load', () => {
  const scope = new ProgramScope();
  const folder = mkdtempSync(join(tmpdir(), 'trading-load-'));
  let at: StackAddresses;

  beforeEach(async () => {
    at = await chooseAddresses();
    await startSidecar(scope, at);
  });
  afterEach(() => scope.dispose());
  afterAll(() => rmSync(folder, { recursive: true }));

  const run = (...args: string[]) =>
    scope.start(process.execPath, ['scripts/load.mjs', '--sidecar', at.sidecarUrl, ...args]);

  it.each([
    ['http', 500],
    ['zmq', 5000],
  ])('over %s: everything sent is applied, and the report says so', async (via, rate) => {
    await startPublisher(scope, at);
    const jsonFile = join(folder, `${via}.json`);
    const where = ['--url', at.publisherUrl, '--zmq', at.zmqAddress, '--json', jsonFile];

    const load = run('--via', via, '--rate', String(rate), '--duration', '1', ...where);

    expect(await load.exited).toEqual({ code: 0, signal: null });
    expect(JSON.parse(readFileSync(jsonFile, 'utf8'))).toMatchObject({
      accepted: rate,
      applied: rate,
      errors: {},
    });
    expect(load.stdout).toMatch(/p99\.9\s+[\d.]+ ms/);
  });

  it('fails and names the errors when nobody answers', async () => {
    const load = run('--url', at.publisherUrl, '--rate', '50', '--duration', '0.2');

    expect((await load.exited).code).toBe(1);
    expect(load.stdout).toContain('errors: ECONNREFUSED: 10');
  });

  it('explains itself when an option is wrong', async () => {
    const load = run('--rate', 'fast');

    expect((await load.exited).code).toBe(64);
    expect(load.stderr).toContain('--rate must be a number over 0, not "fast"');
  });
});
