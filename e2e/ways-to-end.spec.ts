import { createServer } from 'node:net';
import { isAlive, ProgramScope } from '../testing/program.js';
import { chooseAddresses, type StackAddresses, startPublisher, startSidecar } from '../testing/stack.js';
import { waitUntil } from '../testing/wait.js';
import { childPid, launcherSettings, npmStart } from './harness/launcher.js';

const TRADES = 20;

async function postTrades(publisherUrl: string): Promise<void> {
  for (let at = 0; at < TRADES; at += 1) {
    const answer = await fetch(`${publisherUrl}/trade/buy`, {
      method: 'POST',
      headers: { accept: 'application/json' },
    });
    expect(answer.status).toBe(202);
  }
}

/** Whether somebody could listen there now. */
function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ host: '127.0.0.1', port }, () => probe.close(() => resolve(true)));
  });
}

/** A closed terminal (SIGHUP) once killed both apps with what was queued; a killed npm start left both behind. */
describe('ways to end', () => {
  const scope = new ProgramScope();
  let at: StackAddresses;

  beforeEach(async () => {
    at = await chooseAddresses();
  });
  afterEach(() => scope.dispose());

  it('a SIGHUP drains the publisher, and what it held is counted, and then the sidecar', async () => {
    const publisher = await startPublisher(scope, at);
    await postTrades(at.publisherUrl);
    const sidecar = await startSidecar(scope, at);

    expect(await publisher.stop('SIGHUP')).toEqual({ code: 0, signal: null });
    expect(publisher.stdout).toContain('publisher drained');
    await waitUntil(`${TRADES} counted trades`, async () =>
      (await (await fetch(`${at.sidecarUrl}/metrics`)).text()).includes(`trades_total{side="buy"} ${TRADES}`),
    );
    expect(await sidecar.stop('SIGHUP')).toEqual({ code: 0, signal: null });
    expect(sidecar.stdout).toContain('sidecar drained');
  });

  it('a SIGHUP drains when nobody reads the output any more', async () => {
    const sidecar = await startSidecar(scope, at);
    const publisher = await startPublisher(scope, at);
    await postTrades(at.publisherUrl);
    publisher.closeOutput();

    expect(await publisher.stop('SIGHUP')).toEqual({ code: 0, signal: null });
    const metrics = await (await fetch(`${at.sidecarUrl}/metrics`)).text();
    expect(metrics).toContain(`trades_total{side="buy"} ${TRADES}`);
    await sidecar.stop();
  });

  it.each([
    ['npm', (npm: number): number => npm],
    ['npm and the launcher', (npm: number): number => -npm],
  ])('a kill -9 of %s ends both apps, drained, and frees their ports', async (_whom, target) => {
    const launcher = await npmStart(scope, at);
    await postTrades(at.publisherUrl);
    const pids = (['sidecar', 'publisher'] as const).map((app) => childPid(launcher, app));

    process.kill(target(launcher.pid), 'SIGKILL');

    await waitUntil('both apps to end', () => !pids.some(isAlive));
    expect(await isFree(at.sidecarPort)).toBe(true);
    expect(await isFree(at.publisherPort)).toBe(true);
    await launcher.exited;
    expect(launcher.stdout).toContain('publisher drained: accepted=');
    expect(launcher.stdout).toContain('sidecar drained');
  });

  it('a Service named like an app changes nothing for npm start', async () => {
    const { SIDECAR_PORT: _port, ...settings } = launcherSettings(at);
    const address = 'tcp://10.96.0.12:8001';
    const launcher = scope.start(process.execPath, ['scripts/start.mjs'], {
      ...settings,
      SIDECAR_PORT: address,
      PUBLISHER_PORT: 'eighty',
    });

    // With the ports of the defaults others may have them here: what has to be seen is that it goes on from SIDECAR_PORT.
    await launcher.exited;
    expect(launcher.stderr).toContain(
      `SIDECAR_PORT=${address} is the address of a Kubernetes Service and is ignored\n`,
    );
    expect(launcher.stderr).toContain('PUBLISHER_PORT becomes the PORT of the publisher\n');
    expect(launcher.stderr).not.toContain('SIDECAR_PORT must be');
  });
});
