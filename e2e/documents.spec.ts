import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppStack } from '../testing/stack.js';
import { describeWhen } from '../testing/installed.js';

/** Commands that ask for what is refused, or not there: the status that the document promises, or lets expect. */
const OTHER_ANSWERS: readonly (readonly [command: RegExp, status: number, why: string])[] = [
  [/\/trade\/hold/, 400, 'the tutorial shows a refusal'],
  [/\/dead-letters\/1\/replay/, 404, 'there is no letter in a new stack'],
];
/** What follows in a pipe, and finds nothing without what the document has the reader do before. */
const FINDS_NOTHING = [/grep largest/];

const root = join(__dirname, '..');

/** Every command with curl in the documents, with the address of its line. */
function curlCommands(): { at: string; command: string }[] {
  const documents = readdirSync(join(root, 'docs'), { recursive: true }).map(
    (name) => `docs/${String(name)}`,
  );
  return ['README.md', ...documents.filter((name) => name.endsWith('.md'))].flatMap((document) => {
    let isCode = false;
    return readFileSync(join(root, document), 'utf8')
      .split('\n')
      .flatMap((line, index) => {
        if (/^ *```/.test(line)) isCode = line.includes('```sh');
        return isCode && line.trim().startsWith('curl ')
          ? [{ at: `${document}:${index + 1}`, command: line.trim() }]
          : [];
      });
  });
}

describeWhen(
  spawnSync('curl', ['--version']).status === 0,
  'the commands with curl in the documents',
  'curl is not installed: apt-get install curl',
  () => {
    let stack: AppStack;
    let folder: string;

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'documents-'));
      const delivery = { DELIVERY: 'acknowledged' };
      const types = 'examples/orders.yml';
      stack = await AppStack.prepare({
        publisher: { ...delivery, EVENT_TYPES: types },
        sidecar: { ...delivery, SIDECAR_METRICS: types },
      });
      await stack.startSidecar();
      await stack.startPublisher();
    });

    afterAll(async () => {
      await stack.stop();
      rmSync(folder, { recursive: true });
    });

    it.each(curlCommands())('$at answers as it says', ({ command }) => {
      const here = command
        .replaceAll('http://127.0.0.1:8000', stack.publisherUrl)
        .replaceAll('http://127.0.0.1:8001', stack.sidecarUrl);
      const [request = '', ...pipe] = here.split(' | ');
      const { status, stdout } = spawnSync(
        'bash',
        ['-c', `${request} -sS -w '\\n%{stderr}%{http_code}' 2>status`],
        {
          cwd: folder,
          encoding: 'utf8',
        },
      );
      const answer = Number(readFileSync(join(folder, 'status'), 'utf8').trim());

      expect(status).toBe(0);
      const [, other] = OTHER_ANSWERS.find(([pattern]) => pattern.test(command)) ?? [];
      expect(other === undefined ? [200, 202, 303] : [other]).toContain(answer);

      const { status: found } = spawnSync('bash', ['-c', pipe.join(' | ') || 'cat >/dev/null'], {
        input: stdout,
      });
      expect(found).toBe(FINDS_NOTHING.some((pattern) => pattern.test(command)) ? 1 : 0);
    });
  },
);
