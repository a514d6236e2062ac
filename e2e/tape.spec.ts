import { Push } from 'zeromq';
import { ProgramScope } from '../testing/program.js';
import { scrape, whenApplied } from '../testing/samples.js';
import { chooseAddresses, type StackAddresses, startPublisher, startSidecar } from '../testing/stack.js';
import { describeWhen } from '../testing/installed.js';
import { expectedTotals } from './harness/trade-mix.js';
import { postAll } from './harness/trade-poster.js';
import { hasTape, readTape, type TapeTrade } from './harness/trade-tape.js';

describeWhen(hasTape(), 'a real trade tape', 'the tape is not beside the project', () => {
  const scope = new ProgramScope();
  let at: StackAddresses;
  let tape: TapeTrade[];

  beforeEach(async () => {
    tape = readTape();
    at = await chooseAddresses();
    await startSidecar(scope, at);
    await startPublisher(scope, at);
  });
  afterEach(() => scope.dispose());

  it('is counted exactly when each trade is posted alone', async () => {
    // One at a time: the sums are compared to the last bit, so the order of the additions matters.
    await postAll(at.publisherUrl, tape, 1);

    expect(await whenApplied(at.sidecarUrl, tape.length)).toEqual(expectedTotals(tape));
  });

  it('is counted exactly when posted in bulk', async () => {
    const answer = await fetch(`${at.publisherUrl}/trades`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(tape.map(({ side, qty }) => ({ side, qty }))),
    });

    expect(await answer.json()).toMatchObject({ accepted: tape.length, refused: [] });
    expect(await whenApplied(at.sidecarUrl, tape.length)).toEqual(expectedTotals(tape));
  });

  it('is counted exactly when pushed over ZeroMQ, with the exchange’s own times', async () => {
    const push = new Push({ linger: 5000 });
    push.connect(at.zmqAddress);
    for (const { side, qty, ts } of tape) await push.send(JSON.stringify({ type: 'trade', side, qty, ts }));

    expect(await whenApplied(at.sidecarUrl, tape.length)).toEqual(expectedTotals(tape));
    push.close();
    const samples = await scrape(`${at.sidecarUrl}/metrics/`);
    expect(samples.get('last_trade_ts_seconds')).toBe(tape.at(-1)?.ts);
  });
});
