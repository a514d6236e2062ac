import { isAlive, ProgramScope } from '../testing/program.js';
import { waitUntil } from '../testing/wait.js';

// The short form takes a minute and a half on a busy machine; the limit is for an attack that hangs.
jest.setTimeout(600_000);

/** Where the apps of an attack run. */
const GROUND = /^the closed ground: publisher (\d+), sidecar (\d+)$/m;

describe('npm run attack', () => {
  const scope = new ProgramScope();
  afterEach(() => scope.dispose());

  const run = (...args: string[]) => scope.start(process.execPath, ['faults/run.mjs', 'attack', ...args]);

  it('holds the attacks of the short form off', async () => {
    const attack = run('--short');

    const exit = await attack.exited;

    // What gave way, and how far.
    if (exit.code !== 0) throw new Error(attack.stdout + attack.stderr);
    expect(attack.stdout).toMatch(/^\d+ attacks: all held off$/m);
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('ends what it has started on %s', async (signal) => {
    const attack = run('--only', 'credentials');
    const [, ...pids] = await attack.waitForOutput(GROUND, 90_000);
    const { code } = await attack.stop(signal);
    expect(code).toBe({ SIGHUP: 129, SIGINT: 130, SIGTERM: 143 }[signal]);
    await waitUntil('the apps to be gone', () => !pids.map(Number).some(isAlive));
  });

  it('explains itself, and when an option is wrong', async () => {
    const [help, list, unknown, nobody] = [run('--help'), run('--list'), run('--fast'), run('--only', 'x')];

    expect((await help.exited).code).toBe(0);
    expect(help.stdout).toContain('usage: npm run attack');
    expect((await list.exited).code).toBe(0);
    expect(list.stdout).toMatch(/^backtracking +\S/m);
    expect((await unknown.exited).code).toBe(64);
    expect(unknown.stderr).toContain('there is no option --fast');
    expect((await nobody.exited).code).toBe(64);
    expect(nobody.stderr).toContain('--only: "x" is not one of backtracking');
  });
});
