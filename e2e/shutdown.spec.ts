import { ProgramScope } from '../testing/program.js';
import { chooseAddresses } from '../testing/stack.js';
import { waitUntil } from '../testing/wait.js';
import { npmStart } from './harness/launcher.js';
import { postTrade } from './harness/trade-poster.js';

const DRAINED =
  /sidecar drained: received=(?<received>\d+), applied=(?<applied>\d+), rejected=(?<rejected>\d+), trades_total buy=(?<buy>\d+) sell=(?<sell>\d+)/;

/** Posts without pause until the server is gone, and counts what was sent and what was answered with 202. */
class Flood {
  sent = 0;
  accepted = 0;

  async run(publisherUrl: string): Promise<void> {
    await Promise.all(Array.from({ length: 16 }, () => this.postUntilRefused(publisherUrl)));
  }

  private async postUntilRefused(publisherUrl: string): Promise<void> {
    for (;;) {
      this.sent += 1;
      const answer = await postTrade(publisherUrl, { side: 'buy', qty: 1 }).catch(() => undefined);
      if (answer === undefined) return;
      if (answer.status === 202) this.accepted += 1;
      await answer.arrayBuffer().catch(() => undefined);
    }
  }
}

describe('SIGTERM on npm start under load', () => {
  const scope = new ProgramScope();
  afterEach(() => scope.dispose());

  it('has every event that was answered with 202 in the sidecar’s last count', async () => {
    const at = await chooseAddresses();
    const launcher = await npmStart(scope, at);
    const flood = new Flood();
    const flooding = flood.run(at.publisherUrl);
    await waitUntil('the load to run', () => flood.accepted >= 2000);

    const exit = await launcher.stop('SIGTERM');
    await flooding;

    expect(exit).toEqual({ code: 0, signal: null });
    const counts = DRAINED.exec(launcher.stdout)?.groups;
    const buy = Number(counts?.['buy']);
    // What was answered after the signal is in it too; what was sent and cut off may be.
    expect(buy).toBeGreaterThanOrEqual(flood.accepted);
    expect(buy).toBeLessThanOrEqual(flood.sent);
    expect(counts).toMatchObject({ applied: String(buy), received: String(buy), rejected: '0', sell: '0' });
  });
});
