import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ScratchFolder } from '../testing/folder.js';
import { ProgramScope } from '../testing/program.js';

/** A busy machine may hold up a process for a second. */
const GONE_MS = 1500;
const LOCK_MODULE = pathToFileURL(join(__dirname, 'lib', 'file-lock.mjs')).href;

describe('a lock between processes', () => {
  const scope = new ProgramScope();
  const folder = new ScratchFolder('lock-');
  const file = join(folder.path, 'made', 'lock');
  afterEach(() => scope.dispose());
  afterAll(() => folder.remove());

  /** A process that says when it enters and leaves; it leaves once its input ends. */
  const owner = () =>
    scope.start(
      process.execPath,
      [
        '--input-type=module',
        '-e',
        `import { withFileLock } from '${LOCK_MODULE}';
         const work = async () => { console.log('in'); for await (const _ of process.stdin); console.log('out'); };
         const how = { onWait: () => console.log('waits'), beatMs: 20, goneMs: ${GONE_MS} };
         await withFileLock(${JSON.stringify(file)}, work, how);`,
      ],
      {},
      { hasInput: true },
    );

  it('lets one work at a time, and leaves nothing behind', async () => {
    const first = owner();
    await first.waitForOutput(/^in$/m);
    const second = owner();
    await second.waitForOutput(/^waits$/m);
    const sinceMs = statSync(file).mtimeMs;
    await first.until('signs of life for longer than one that is gone is silent', () => {
      return statSync(file).mtimeMs - sinceMs > 1.5 * GONE_MS;
    });
    expect(second.stdout).toBe('waits\n');

    first.input.end();
    await second.waitForOutput(/^in$/m);
    expect(first.stdout).toBe('in\nout\n');
    second.input.end();
    expect(await second.exited).toMatchObject({ code: 0 });
    expect(existsSync(file)).toBe(false);
  });

  it('is taken over from an owner that was killed', async () => {
    const first = owner();
    await first.waitForOutput(/^in$/m);
    const left = readFileSync(file, 'utf8');
    await first.stop('SIGKILL');
    expect(readFileSync(file, 'utf8')).toBe(left);

    const second = owner();
    await second.waitForOutput(/^in$/m);
    expect(readFileSync(file, 'utf8')).not.toBe(left);
  });
});
