/** A worker thread that ends with open sockets: it must not abort the process. */
import { PeerScope } from '../delivery/harness/peer-process.js';
import { until } from '../harness/until.js';

const peers = new PeerScope();
afterEach(() => peers.dispose());

const INDEX = JSON.stringify(require.resolve('../../src/index.ts'));

/** A program whose worker thread has a server and a client open, and ends by `end`. */
const withThread = (end: string): string => `
  const { Worker } = require('node:worker_threads');
  const typescript = process.execArgv.find((argument) => argument.endsWith('.cjs'));
  const body = \`
    require(\${JSON.stringify(typescript)});
    const zmq = require(${INDEX.replaceAll('\\', '\\\\')});
    const server = new zmq.ZmqServer({ pair: 'dealer-router', bind: 'tcp://127.0.0.1:*' });
    server.listen(async () => {
      const client = new zmq.ZmqClient({ pair: 'dealer-router', connect: server.boundAddresses[0] });
      await client.connect();
      ${end}
    });
  \`;
  const worker = new Worker(body, { eval: true, execArgv: [], stdout: true, stderr: true });
  worker.on('error', () => undefined);
  worker.on('exit', (code) => say('exited ' + code));
`;

describe('a worker thread with open sockets', () => {
  it.each([
    ['exits', 'process.exit(3);', '3'],
    ['throws', "setImmediate(() => { throw new Error('on purpose'); });", '1'],
  ])('that %s leaves the process alone', async (_how, end, code) => {
    const peer = peers.start(withThread(end));
    expect(await peer.said('exited')).toBe(code);
    await until(() => !peer.isRunning);
    expect(peer.exitCode).toBe(0);
  });
});
