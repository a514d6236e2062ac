import { ProgramScope } from '../testing/program.js';
import { whenApplied } from '../testing/samples.js';
import { chooseAddresses, startSidecar } from '../testing/stack.js';
import { describeWith, SYSTEM_PYTHON } from '../testing/installed.js';
import { expectedTotals, tradeMix } from './harness/trade-mix.js';

/** One JSON object a message by pyzmq's own `send_json`; trades come as JSON in the second argument. */
const PROGRAM = `
import json, sys, time, zmq
socket = zmq.Context.instance().socket(zmq.PUSH)
socket.connect(sys.argv[1])
for trade in json.loads(sys.argv[2]):
    socket.send_json({"type": "trade", "side": trade["side"], "qty": trade["qty"], "ts": time.time()})
socket.close(linger=5000)
zmq.Context.instance().term()
zmq.Context.instance().term()
`;

describeWith('python3-zmq', 'a pyzmq program', () => {
  const scope = new ProgramScope();
  afterEach(() => scope.dispose());

  it('that sends single objects with send_json is counted exactly', async () => {
    const at = await chooseAddresses();
    await startSidecar(scope, at);
    const trades = tradeMix(300);

    const python = scope.start(SYSTEM_PYTHON, ['-c', PROGRAM, at.zmqAddress, JSON.stringify(trades)]);

    expect(await python.exited).toEqual({ code: 0, signal: null });
    expect(await whenApplied(at.sidecarUrl, trades.length)).toEqual(expectedTotals(trades));
  });

  it('as docs/reference/contract.md shows it really runs', async () => {
    const at = await chooseAddresses();
    await startSidecar(scope, at);

    const python = scope.start(SYSTEM_PYTHON, ['examples/python/publisher.py', at.zmqAddress]);

    expect(await python.exited).toEqual({ code: 0, signal: null });
    expect(await whenApplied(at.sidecarUrl, 10)).toEqual({
      buy: 5,
      sell: 5,
      buyVolume: 7.5,
      sellVolume: 7.5,
    });
  });
});
