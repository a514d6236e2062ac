import { readFileSync } from 'node:fs';
import { ProgramScope } from '../testing/program.js';
import { whenApplied, whenCounted } from '../testing/samples.js';
import { chooseAddresses, startPublisher, startSidecar } from '../testing/stack.js';
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

const TUTORIAL = readFileSync('docs/tutorials/any-event.md', 'utf8');
/** How the tutorial starts the apps; here they start with the same settings, on ports of their own. */
const START = 'SIDECAR_METRICS=examples/orders.yml EVENT_TYPES=examples/orders.yml npm start';
/** What the reader sees of some commands. */
const SHOWN: readonly (readonly [command: RegExp, output: string])[] = [
  [/metrics:check/, 'order_latency_seconds_bucket{le="0.005"} 1'],
  [/metrics \| grep/, 'order_latency_seconds_count 100'],
  [/events\/order/, '{"type":"order","venue":"XLON","ms":3,"state":"rejected"}'],
  [/dashboards:build/, 'deploy/grafana/dashboards/own/events-orders.json'],
];

/** The code blocks of the tutorial in a language. */
function blocks(language: string): string[] {
  const fence = '```';
  return [...TUTORIAL.matchAll(new RegExp(`${fence}${language}\\n([^]*?)${fence}`, 'g'))].map(
    ([, code = '']) => code,
  );
}

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

  it('counts what the publisher sends, in place of the sidecar', async () => {
    const at = await chooseAddresses();
    const python = scope.start(SYSTEM_PYTHON, ['examples/python/consumer.py', at.zmqAddress]);
    await startPublisher(scope, at);
    const trades = JSON.stringify([
      { side: 'buy', qty: 2 },
      { side: 'sell', qty: 3 },
    ]);
    const headers = { 'content-type': 'application/json' };
    await fetch(`${at.publisherUrl}/trade/buy`, { method: 'POST', headers, body: '{"qty": 1}' });
    await fetch(`${at.publisherUrl}/trades`, { method: 'POST', headers, body: trades });

    await python.waitForOutput(/^sell 3 \{'buy': 2, 'sell': 1\}$/m);
    expect(await python.stop('SIGINT')).toEqual({ code: null, signal: 'SIGINT' });
  });

  it('and every command of docs/tutorials/any-event.md does what the tutorial says', async () => {
    expect(blocks('yaml')).toEqual([readFileSync('examples/orders.yml', 'utf8')]);
    const types = 'examples/orders.yml';
    const at = await chooseAddresses();
    const sidecar = await startSidecar(scope, at, { SIDECAR_METRICS: types });
    await startPublisher(scope, at, { EVENT_TYPES: types });
    const commands = blocks('sh').flatMap((block) => block.trimEnd().split('\n'));
    expect(commands).toContain(START);
    for (const command of commands.filter((line) => line !== START)) {
      const here = command
        .replace(
          'python3 examples/python/orders.py',
          `${SYSTEM_PYTHON} examples/python/orders.py ${at.zmqAddress}`,
        )
        .replace('http://127.0.0.1:8000', at.publisherUrl)
        .replace('http://127.0.0.1:8001', at.sidecarUrl);
      const program = scope.start('bash', ['-c', here]);
      expect({ command, end: await program.exited }).toEqual({ command, end: { code: 0, signal: null } });
      const [, output = ''] = SHOWN.find(([pattern]) => pattern.test(command)) ?? [];
      expect(program.output).toContain(output);
      // The reader looks when the orders are there.
      if (command.startsWith('python3')) await whenCounted(at.sidecarUrl, 'order_latency_seconds_count', 100);
    }
    const samples = await whenCounted(at.sidecarUrl, 'order_latency_seconds_count', 101);
    expect(samples.get('orders_total{venue="XPAR",state="filled"}')).toBe(40);
    expect(samples.get('orders_total{venue="XPAR",state="rejected"}')).toBe(10);
    expect(samples.get('orders_total{venue="XETR",state="filled"}')).toBe(50);
    expect(samples.get('orders_total{venue="XLON",state="rejected"}')).toBe(1);
    expect(samples.get('order_fill_ratio{venue="XETR"}')).toBe(0.75);
    sidecar.signal('SIGHUP');
    await sidecar.waitForOutput(/read \S*examples\/orders\.yml again: 1 types \(order\)/);
    await whenCounted(at.sidecarUrl, 'order_latency_seconds_count', 101);
  });
});
