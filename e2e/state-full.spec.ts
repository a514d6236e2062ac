import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Push } from 'zeromq';
import { type Program, ProgramScope } from '../testing/program.js';
import { waitUntil } from '../testing/wait.js';

const MAIN = 'dist/apps/sidecar/apps/sidecar/src/main.js';

const metrics = async (url: string): Promise<string> => (await fetch(`${url}/metrics`)).text();

/** A limit of the system on the size of files stands for a full disk: the write fails in the middle in the same way. */
describe('a sidecar whose state has no room left on the disk', () => {
  const scope = new ProgramScope();
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sidecar-full-'));
  });
  afterEach(async () => {
    await scope.dispose();
    await rm(folder, { recursive: true });
  });

  async function start(limit: string): Promise<{ sidecar: Program; url: string }> {
    const sidecar = scope.start('sh', ['-c', `ulimit -f ${limit}; exec "$0" "$1"`, process.execPath, MAIN], {
      PORT: '0',
      SIDECAR_ZMQ_BIND: `ipc://${folder}/trades.ipc`,
      SIDECAR_STATE_DIR: join(folder, 'state'),
    });
    const [, url = ''] = await sidecar.waitForOutput(/listens on (http:\S+)/);
    return { sidecar, url };
  }

  async function sendAndWait(url: string, messages: readonly string[], sample: RegExp): Promise<void> {
    const socket = new Push({ linger: 0, sendTimeout: 5000 });
    socket.connect(`ipc://${folder}/trades.ipc`);
    for (const message of messages) await socket.send(message);
    await waitUntil(String(sample), async () => sample.test(await metrics(url)) || undefined);
    socket.close();
  }

  it('says so in its log once, in a metric and in its health, goes on counting, and keeps what it had', async () => {
    const { sidecar, url } = await start('200');
    const event = JSON.stringify({ type: 'trade', side: 'buy', qty: 2, ts: 5 });
    await sendAndWait(url, [event], /^trading_state_commits_total [1-9]/m);
    // More than the limit leaves room for.
    const letters = Array.from({ length: 100 }, () => 'x'.repeat(4000));
    await sendAndWait(url, [...letters, event], /^trading_state_commit_failures_total [2-9]/m);
    expect(await metrics(url)).toMatch(/^trades_total\{side="buy"\} 2$/m);
    await waitUntil('health is down', async () => (await fetch(`${url}/health`)).status === 503 || undefined);
    expect(await (await fetch(`${url}/health`)).text()).toContain('the state cannot be written');
    expect(
      (sidecar.stdout + sidecar.stderr).split('the state cannot be written and will be retried').length,
    ).toBe(2);
    await sidecar.stop('SIGKILL');

    const again = await start('unlimited');
    const kept = await metrics(again.url);
    expect(kept).toMatch(/^trades_total\{side="buy"\} 1$/m);
    expect(kept).toMatch(/^volume_total\{side="buy"\} 2$/m);
    expect(await again.sidecar.stop()).toEqual({ code: 0, signal: null });
  });
});
