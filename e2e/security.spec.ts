import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { curveKeyPair } from 'zeromq';
import { type Program, ProgramScope } from '../testing/program.js';
import { whenApplied } from '../testing/samples.js';
import { chooseAddresses, type StackAddresses, startPublisher, startSidecar } from '../testing/stack.js';
import { waitUntil } from '../testing/wait.js';
import { describeWith, SYSTEM_PYTHON } from '../testing/installed.js';

const TOKEN = 'a-token-of-the-test-0123456789';
const scope = new ProgramScope();
let folder: string;

beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'keys-e2e-')), 'keys');
});
afterEach(async () => {
  await scope.dispose();
  rmSync(join(folder, '..'), { recursive: true });
});

async function keys(...args: string[]): Promise<string> {
  const command = scope.start('npm', ['run', '-s', 'keys', '--', ...args, '--dir', folder]);
  expect(await command.exited).toMatchObject({ code: 0 });
  return command.stdout;
}

async function post(at: StackAddresses): Promise<number> {
  const headers = { authorization: `Bearer ${TOKEN}`, accept: 'application/json' };
  return (await fetch(`${at.publisherUrl}/trade/buy`, { method: 'POST', headers })).status;
}

async function linkState(at: StackAddresses): Promise<unknown> {
  const health = (await (await fetch(`${at.publisherUrl}/health`)).json()) as {
    details: { link: { state: unknown } };
  };
  return health.details.link.state;
}

async function untilLink(at: StackAddresses, state: string): Promise<void> {
  await waitUntil(`the link to be ${state}`, async () => (await linkState(at)) === state);
}

/** Everything both apps have said to anybody. */
async function everythingSaid(at: StackAddresses, apps: readonly Program[]): Promise<string> {
  const urls = [at.publisherUrl, at.sidecarUrl].flatMap((url) =>
    ['/metrics', '/docs-json', '/health', '/dead-letters', '/no/such/path'].map((path) => url + path),
  );
  const answers = await Promise.all(urls.map(async (url) => (await fetch(url)).text()));
  return [...answers, ...apps.map(({ stdout, stderr }) => stdout + stderr)].join('\n');
}

function secretsOf(...files: string[]): string[] {
  return files.map(
    (file) => /secret-key = "(.+)"/.exec(readFileSync(join(folder, file), 'utf8'))?.[1] ?? 'none',
  );
}

describe('the apps with keys and a token', () => {
  it('take the load of who has the token or a key of its own, and of nobody else', async () => {
    await keys();
    await keys('add', 'load');
    const at = await chooseAddresses();
    const settings = { CURVE_KEYS: folder, API_TOKEN: TOKEN };
    await startSidecar(scope, at, settings);
    await startPublisher(scope, at, settings);
    await untilLink(at, 'connected');
    const tokenFile = join(folder, 'token');
    writeFileSync(tokenFile, `${TOKEN}\n`, { mode: 0o600 });
    const where = ['--url', at.publisherUrl, '--sidecar', at.sidecarUrl, '--zmq', at.zmqAddress];
    const load = async (...args: string[]) => {
      const command = ['scripts/load.mjs', ...where, '--rate', '100', '--duration', '0.5', ...args];
      const { code } = await scope.start(process.execPath, command).exited;
      return code;
    };

    expect(await load('--token-file', tokenFile)).toBe(0);
    expect(await load('--via', 'zmq', '--keys', folder, '--client', 'load')).toBe(0);
    expect(await load()).toBe(1);
    expect(await load('--token-file', join(folder, 'server.key'))).toBe(64);
    expect(await load('--via', 'zmq', '--keys', folder, '--client', 'nobody')).toBe(64);
    const { publicKey, secretKey } = curveKeyPair();
    const stranger = `public-key = "${publicKey}"\nsecret-key = "${secretKey}"\n`;
    writeFileSync(join(folder, 'clients/stranger.key'), stranger, { mode: 0o600 });
    expect(await load('--via', 'zmq', '--keys', folder, '--client', 'stranger')).toBe(1);
    await whenApplied(at.sidecarUrl, 100);
  });

  it('count what is posted through a change of all keys and a revocation, and tell no secret', async () => {
    await keys();
    const at = await chooseAddresses();
    const settings = { CURVE_KEYS: folder, API_TOKEN: TOKEN };
    const sidecar = await startSidecar(scope, at, settings);
    const publisher = await startPublisher(scope, at, settings);
    const secrets = secretsOf('server.key', 'clients/publisher.key');
    await untilLink(at, 'connected');
    expect(await post(at)).toBe(202);
    await whenApplied(at.sidecarUrl, 1);

    const rotation = keys('rotate', 'server');
    await untilLink(at, 'refused');
    // Taken while no key fits: it waits.
    expect(await post(at)).toBe(202);
    await rotation;
    await untilLink(at, 'connected');
    await whenApplied(at.sidecarUrl, 2);

    await keys('revoke', 'publisher');
    await publisher.waitForOutput(/the link keeps its current keys/);
    await untilLink(at, 'refused');
    await sidecar.waitForOutput(/denied the client \S{40} at 127\.0\.0\.1: its public key is not allowed/);
    await publisher.waitForOutput(/the handshake fails: the server does not allow/);

    const said = await everythingSaid(at, [publisher, sidecar]);
    for (const secret of [...secrets, ...secretsOf('server.key'), TOKEN]) {
      expect(secret.length).toBeGreaterThan(20);
      expect(said.includes(secret)).toBe(false);
    }
    expect(await publisher.stop()).toEqual({ code: 0, signal: null });
    expect(await sidecar.stop()).toEqual({ code: 0, signal: null });
  });

  it.each(['sidecar', 'publisher'] as const)('do not start without usable key files: the %s', async (app) => {
    const started = scope.start(process.execPath, [`dist/apps/${app}/apps/${app}/src/main.js`], {
      CURVE_KEYS: folder,
      API_TOKEN: 'short',
    });
    expect(await started.exited).toEqual({ code: 78, signal: null });
    expect(started.stderr.match(/does not exist/g)).toHaveLength(2);
    expect(started.stderr).toContain('API_TOKEN: (hidden)');
    expect(started.stderr).not.toContain('short');
  });
});

describeWith('python3-zmq', 'a pyzmq program with a key', () => {
  it('as docs/how-to/security.md shows it is counted', async () => {
    await keys();
    await keys('add', 'python');
    const at = await chooseAddresses();
    await startSidecar(scope, at, { CURVE_KEYS: folder });
    const program = ['examples/python/secure_publisher.py', folder, 'python', at.zmqAddress];
    expect(await scope.start(SYSTEM_PYTHON, program).exited).toEqual({ code: 0, signal: null });
    expect(await whenApplied(at.sidecarUrl, 10)).toMatchObject({ buy: 5, sell: 5 });
    expect(readFileSync('docs/how-to/security.md', 'utf8')).toContain(`python3 ${program[0]} keys python\n`);
  });
});
