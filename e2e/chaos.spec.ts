import { describeWith } from '../testing/installed.js';
import { ProgramScope } from '../testing/program.js';

jest.setTimeout(180_000);

describe('npm run chaos', () => {
  const scope = new ProgramScope();
  afterEach(() => scope.dispose());

  const run = (...args: string[]) => scope.start(process.execPath, ['faults/run.mjs', 'chaos', ...args]);

  it('loses nothing and counts nothing twice while either side is killed', async () => {
    const chaos = run('--rounds', '3', '--events', '3000');

    const exit = await chaos.exited;

    // The seed, and the numbers of what went wrong.
    if (exit.code !== 0) throw new Error(chaos.stdout + chaos.stderr);
    expect(chaos.stdout).toMatch(/^3 rounds, 3\d{3} events accepted: lost 0, counted twice 0$/m);
  });

  it('explains itself when an option is wrong, or a program is missing', async () => {
    const chaos = run('--rounds', 'many');

    expect((await chaos.exited).code).toBe(64);
    expect(chaos.stderr).toContain('--rounds must be a number over 0, not "many"');

    const without = scope.start(process.execPath, ['faults/run.mjs', 'chaos', '--via', 'nats'], {
      PATH: '/nowhere',
    });
    expect((await without.exited).code).toBe(69);
    expect(without.stderr).toContain('--via nats needs a nats-server on the PATH');
  });
});

describeWith('nats-server', 'npm run chaos -- --via nats', () => {
  const scope = new ProgramScope();
  afterEach(() => scope.dispose());

  it('loses nothing and counts nothing twice while the broker is killed, COUNT changes and a stopped sidecar goes on', async () => {
    const chaos = scope.start(process.execPath, [
      'faults/run.mjs',
      'chaos',
      '--via',
      'nats',
      '--rounds',
      '4',
      '--events',
      '8000',
    ]);

    const exit = await chaos.exited;

    if (exit.code !== 0) throw new Error(chaos.stdout + chaos.stderr);
    expect(chaos.stdout).toMatch(/^4 rounds, \d+ events accepted: lost 0, counted twice 0$/m);
    for (const strike of ['count', 'zombie', 'sidecar\\+broker', 'publisher'])
      expect(chaos.stdout).toMatch(new RegExp(`^round \\d: ${strike} at \\d+ %: \\d+ accepted`, 'm'));
  });
});
