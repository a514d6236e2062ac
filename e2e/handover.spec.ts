import { ProgramScope } from '../testing/program.js';

jest.setTimeout(180_000);

describe('npm run handover', () => {
  const scope = new ProgramScope();
  afterEach(() => scope.dispose());

  const run = (args: string[], settings = {}) =>
    scope.start(process.execPath, ['faults/run.mjs', 'handover', ...args], settings);

  it('explains itself when an option is wrong, or a program is missing', async () => {
    const wrong = run(['--rate', 'fast']);
    expect((await wrong.exited).code).toBe(64);
    expect(wrong.stderr).toContain('--rate must be a number over 0, not "fast"');

    const without = run([], { PATH: '/nowhere' });
    expect((await without.exited).code).toBe(69);
    expect(without.stderr).toContain('it needs nats-server on the PATH');
  });
});
