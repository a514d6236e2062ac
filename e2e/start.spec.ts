import { occupyPort } from '../testing/ports.js';
import { isAlive, type Program, ProgramScope } from '../testing/program.js';
import { chooseAddresses, type StackAddresses } from '../testing/stack.js';
import { childPid, launcherSettings, npmStart } from './harness/launcher.js';

const STACK_TRACE = /^ +at /m;

function startLauncher(scope: ProgramScope, settings: Record<string, string>): Program {
  return scope.start(process.execPath, ['scripts/start.mjs'], settings);
}

/** What became of both apps once `launcher` has ended. */
function endOf(launcher: Program): Record<string, boolean> {
  const output = launcher.stdout;
  const publisherDrained = output.indexOf('publisher drained');
  return {
    isPublisherDrained: publisherDrained > 0,
    isSidecarDrainedAfter: output.indexOf('sidecar drained') > publisherDrained,
    isSidecarAlive: isAlive(childPid(launcher, 'sidecar')),
    isPublisherAlive: isAlive(childPid(launcher, 'publisher')),
  };
}

const DRAINED = {
  isPublisherDrained: true,
  isSidecarDrainedAfter: true,
  isSidecarAlive: false,
  isPublisherAlive: false,
};

describe('npm start', () => {
  const scope = new ProgramScope();
  let at: StackAddresses;

  beforeEach(async () => {
    at = await chooseAddresses();
  });
  afterEach(() => scope.dispose());

  it('starts both apps and says where they are, without installing or building when everything is built', async () => {
    const launcher = await npmStart(scope, at);

    expect((await fetch(`${at.publisherUrl}/health`)).status).toBe(200);
    expect((await fetch(`${at.sidecarUrl}/health`)).status).toBe(200);
    expect(launcher.stdout).toContain(`${at.publisherUrl}/docs`);
    expect(launcher.stdout).toContain(`${at.sidecarUrl}/metrics/`);
    // What would make a start slow; each says so before it begins.
    expect(launcher.stdout).not.toMatch(/^(installing|building) /m);
    expect(launcher.stdout).toMatch(/^ready in [\d.]+ s \(the apps started in [\d.]+ s\)/m);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('drains both and exits 0 on %s to npm', async (signal) => {
    const launcher = await npmStart(scope, at);

    expect(await launcher.stop(signal)).toEqual({ code: 0, signal: null });
    expect(endOf(launcher)).toEqual(DRAINED);
  });

  it('drains both on SIGHUP to npm, which ends npm at once', async () => {
    const launcher = await npmStart(scope, at);

    // npm passes SIGINT and SIGTERM on and no other: how npm itself ends is not ours.
    await launcher.stop('SIGHUP');
    expect(endOf(launcher)).toEqual(DRAINED);
  });

  it('drains both and exits 0 on SIGHUP, which a closed terminal sends to the launcher as well', async () => {
    const launcher = startLauncher(scope, launcherSettings(at));
    await launcher.waitForOutput(/^ready in /m);

    expect(await launcher.stop('SIGHUP')).toEqual({ code: 0, signal: null });
    expect(endOf(launcher)).toEqual(DRAINED);
  });

  it('exits 0 on a Ctrl-C, which a terminal sends to npm and the launcher at once', async () => {
    const launcher = await npmStart(scope, at);

    process.kill(-launcher.pid, 'SIGINT');

    expect(await launcher.exited).toEqual({ code: 0, signal: null });
    expect(launcher.stdout).toContain('sidecar drained');
  });

  it.each([
    ['sidecar', 'publisher'],
    ['publisher', 'sidecar'],
  ] as const)('drains the rest when the %s dies, and does not exit 0', async (victim, other) => {
    const launcher = await npmStart(scope, at);

    process.kill(childPid(launcher, victim), 'SIGKILL');

    expect((await launcher.exited).code).not.toBe(0);
    expect(launcher.stdout).toContain(`${other} drained`);
    expect(launcher.stderr).toContain(`${victim} ended by itself (exit code 137); stopping the rest`);
    expect(launcher.stderr).toContain(`${other} was stopped (exit code 0)`);
    expect(launcher.stderr).not.toContain(`${other} ended by itself`);
    expect(isAlive(childPid(launcher, other))).toBe(false);
  });

  it.each(['SIDECAR_PORT', 'PUBLISHER_PORT'])('says in one line that %s is taken', async (variable) => {
    const taken = await occupyPort();
    const launcher = startLauncher(scope, { ...launcherSettings(at), [variable]: String(taken.port) });

    expect((await launcher.exited).code).toBe(1);
    await taken.close();

    const app = variable === 'SIDECAR_PORT' ? 'sidecar' : 'publisher';
    expect(launcher.stderr).toBe(
      `${app}: port ${taken.port} on 127.0.0.1 is already in use; set ${variable} to another\n`,
    );
  });

  it('lists what is wrong with the settings as the app does, and exits with 78', async () => {
    const launcher = startLauncher(scope, {
      ...launcherSettings(at),
      DELIVERY: 'bogus',
      HOST: 'no-such-host.invalid',
      SIDECAR_PORT: 'eighty',
    });

    expect(await launcher.exited).toEqual({ code: 78, signal: null });
    expect(launcher.stderr).toContain('SIDECAR_PORT becomes the PORT of the sidecar\n');
    expect(launcher.stderr).toContain('sidecar: the configuration cannot be used:\n');
    expect(launcher.stderr).toMatch(/^ {2}DELIVERY: "bogus" cannot be used/m);
    expect(launcher.stderr).toMatch(/^ {2}PORT: "eighty" cannot be used/m);
    expect(launcher.stderr).not.toContain('to another');
    expect(launcher.stderr).not.toMatch(STACK_TRACE);
  });

  it('says in one line that the ZeroMQ address is taken, and leaves nothing behind', async () => {
    const taken = await occupyPort();
    const address = `tcp://127.0.0.1:${taken.port}`;
    const launcher = startLauncher(scope, { ...launcherSettings(at), SIDECAR_ZMQ_BIND: address });

    expect((await launcher.exited).code).toBe(1);
    await taken.close();

    expect(launcher.stderr.split('\n').filter((line) => line.includes(address))).toHaveLength(1);
    expect(launcher.stderr).not.toMatch(STACK_TRACE);
    expect(isAlive(childPid(launcher, 'sidecar'))).toBe(false);
  });
});
