import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describeWhen } from './installed.js';
import { isAlive, ProgramScope } from './program.js';
import { ROOT } from './root.js';
import { until } from './wait.js';

describe('a program under test', () => {
  const scope = new ProgramScope();
  afterEach(() => scope.dispose());

  const node = (code: string, options = {}) => scope.start(process.execPath, ['-e', code], {}, options);

  it('keeps its output and how it ended', async () => {
    const program = node('console.log("out"); console.error("err"); process.exitCode = 3');

    expect(await program.exited).toEqual({ code: 3, signal: null });
    expect(program).toMatchObject({ stdout: 'out\n', stderr: 'err\n', lines: ['out'], writtenBytes: 8 });
  });

  it('takes no setting of whoever runs the tests', async () => {
    process.env['SIDECAR_PORT'] = '1';
    const program = scope.start(process.execPath, ['-p', 'process.env.SIDECAR_PORT + process.env.MINE'], {
      MINE: '2',
    });
    delete process.env['SIDECAR_PORT'];

    await program.exited;
    expect(program.stdout).toBe('undefined2\n');
  });

  it('fails a wait at once when it ends, and shows what it said', async () => {
    const program = node('console.error("no such file")');

    await expect(program.waitForOutput(/^ready/m)).rejects.toThrow(/ended without.*no such file/s);
    await expect(program.until('its start', () => false)).rejects.toThrow(/ended before its start/);
  });

  it('ends with what it started when it does not end by itself', async () => {
    const child = 'setInterval(() => 0, 1000)';
    const program = node(
      `const { pid } = require('node:child_process').spawn(process.execPath, ['-e', '${child}'], { stdio: 'ignore' });
       process.on('SIGTERM', () => 0); console.log(pid); setInterval(() => 0, 1000)`,
    );
    const [pid] = await program.waitForOutput(/^\d+$/m);

    expect(await program.stop('SIGTERM', 200)).toEqual({ code: null, signal: 'SIGKILL' });
    await until(() => !isAlive(Number(pid)));
  });

  it('can be talked to, and paused', async () => {
    const program = node('process.on("message", (m) => process.send({ heard: m }))', { hasChannel: true });
    const heard = new Promise((resolve) => program.onMessage(resolve));
    program.signal('SIGSTOP');
    program.send({ word: 'hello' });
    program.signal('SIGCONT');

    expect(await heard).toEqual({ heard: { word: 'hello' } });
  });

  it('says when it cannot be started', async () => {
    await expect(scope.start('/no/such/program', []).exited).rejects.toThrow('program cannot be started');
  });
});

describeWhen(
  existsSync('/usr/bin/setpriv'),
  'a program that is tied to its starter',
  'only Linux with setpriv has the kernel end it: apt-get install util-linux',
  () => {
    const scope = new ProgramScope();
    afterAll(() => scope.dispose());

    it('does not outlive it, however that ended', async () => {
      const typescript = join(ROOT, 'libs/transport-core/test/harness/typescript.cjs');
      const code = `const { Program } = require(${JSON.stringify(join(__dirname, 'program.ts'))});
        console.log(new Program('sleep', ['600'], {}, { endsWithParent: true }).pid); setInterval(() => 0, 1000)`;
      const starter = scope.start(process.execPath, ['-r', typescript, '-e', code]);
      const [pid] = await starter.waitForOutput(/^\d+$/m);

      expect(isAlive(Number(pid))).toBe(true);
      process.kill(starter.pid, 'SIGKILL');
      await until(() => !isAlive(Number(pid)));
    });
  },
);
