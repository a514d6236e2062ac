import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ProgramScope } from '../testing/program.js';

describe('npm run lab', () => {
  const scope = new ProgramScope();
  const folder = mkdtempSync(join(tmpdir(), 'trading-lab-spec-'));
  const jsonFile = join(folder, 'lab.json');
  afterEach(() => scope.dispose());
  afterAll(() => rmSync(folder, { recursive: true }));

  const run = (...args: string[]) => scope.start(process.execPath, ['faults/run.mjs', 'lab', ...args]);

  it('shows what a link that swallows bytes costs: events without acknowledgement, time with it', async () => {
    const load = ['--rate', '200', '--seconds', '5', '--json', jsonFile];
    const lab = run('--only', 'push-pull,acknowledged,link-silent', ...load);

    expect(await lab.exited).toEqual({ code: 0, signal: null });
    const { results } = JSON.parse(readFileSync(jsonFile, 'utf8')) as { results: unknown[] };
    const [pushPull, acknowledged] = results as { lost: number; sent: number }[];
    expect(pushPull?.lost).toBeGreaterThan(0);
    // The load goes on until the link is back: how long it is depends on the machine.
    expect(acknowledged?.sent).toBeGreaterThanOrEqual(1000);
    expect(acknowledged).toMatchObject({ applied: acknowledged?.sent, lost: 0, duplicated: 0 });
    expect(lab.stdout).toContain('| acknowledged | link-silent |');
  });

  it('explains itself when an option is wrong', async () => {
    const lab = run('--only', 'carrier-pigeon');

    expect((await lab.exited).code).toBe(64);
    expect(lab.stderr).toContain('--only: "carrier-pigeon" is not one of push-pull');
  });
});
