import { ProgramScope } from '../testing/program.js';
import { whenApplied } from '../testing/samples.js';
import { chooseAddresses, startPublisher, startSidecar } from '../testing/stack.js';
import { expectedTotals, tradeMix } from './harness/trade-mix.js';
import { postAll } from './harness/trade-poster.js';

/** Longer than a pause of a garbage collector or a debugger, shorter than the 30 s after which a peer counts as gone. */
const STALL_MS = 6_000;

describe('a sidecar that stalls', () => {
  const scope = new ProgramScope();

  afterEach(() => scope.dispose());

  it('gets what was accepted meanwhile, although the publisher was stopped before it went on', async () => {
    const at = await chooseAddresses();
    const sidecar = await startSidecar(scope, at);
    const publisher = await startPublisher(scope, at);
    const trades = tradeMix(400);
    sidecar.signal('SIGSTOP');
    await postAll(at.publisherUrl, trades, 4);

    const stopped = publisher.stop('SIGTERM');
    await publisher.waitForOutput(/publisher drained: .*dropped=0/);
    sidecar.signal('SIGCONT');

    expect(await whenApplied(at.sidecarUrl, trades.length)).toEqual(expectedTotals(trades));
    expect(await stopped).toEqual({ code: 0, signal: null });
  });

  it('loses nothing of what was accepted during the stall', async () => {
    const at = await chooseAddresses();
    const sidecar = await startSidecar(scope, at);
    await startPublisher(scope, at);
    const trades = tradeMix(700);
    const goesOnAt = Date.now() + STALL_MS;
    sidecar.signal('SIGSTOP');
    await postAll(at.publisherUrl, trades.slice(0, 350), 4);
    // The stall itself is what is tested: nothing else tells that it has been long enough.
    await new Promise((resolve) => setTimeout(resolve, goesOnAt - Date.now()));
    await postAll(at.publisherUrl, trades.slice(350), 4);
    sidecar.signal('SIGCONT');

    expect(await whenApplied(at.sidecarUrl, trades.length)).toEqual(expectedTotals(trades));
  });
});
