/** Ends of threads and processes with open sockets: none aborts, and none goes on for ever. */
import { PeerProcess } from '../delivery/harness/peer-process.js';
import { until } from '../harness/until.js';

const processes: PeerProcess[] = [];
afterEach(async () => {
  await Promise.all(processes.splice(0).map((process) => process.kill()));
});

function run(body: string): PeerProcess {
  const process = new PeerProcess(body);
  processes.push(process);
  return process;
}

/** The body of a worker thread that has a server and a client open, and ends by `end`. */
const inThread = (end: string): string => `
  const { Worker } = require('node:worker_threads');
  const { execArgv } = process;
  const body = ${JSON.stringify(`
    const { parentPort } = require('node:worker_threads');
    const server = new zmq.ZmqServer({ pair: 'dealer-router', bind: 'tcp://127.0.0.1:*' });
    server.listen(async () => {
      const client = new zmq.ZmqClient({ pair: 'dealer-router', connect: server.boundAddresses[0] });
      await client.connect();
      ${end}
    });
  `)};
  const load = 'const zmq = require(' + ${JSON.stringify(JSON.stringify(require.resolve('../../src/index.ts')))} + ');';
  const typescript = process.execArgv[1];
  const worker = new Worker('require(' + JSON.stringify(typescript) + ');' + load + body, { eval: true, execArgv: [] });
  worker.on('error', () => undefined);
  worker.on('exit', (code) => say('exited ' + code));
`;

describe('a worker thread with open sockets', () => {
  it.each([
    ['exits', 'process.exit(3);', '3'],
    ['throws', "setImmediate(() => { throw new Error('on purpose'); });", '1'],
  ])('that %s leaves the process alone', async (_how, end, code) => {
    const process = run(inThread(end));
    expect(await process.said('exited')).toBe(code);
    await until(() => !process.isRunning);
    expect(process.exitCode).toBe(0);
  });
});

describe('a script that emits and ends without close()', () => {
  it.each(['push-pull', 'pub-sub', 'dealer-router'])('ends, with a server and without: %s', async (pair) => {
    const server = run(`
      const server = new zmq.ZmqServer({ pair: '${pair}', bind: 'tcp://127.0.0.1:*' });
      server.addHandler('tick', async () => say('handled 1'), true);
      server.listen(() => say('bound ' + server.boundAddresses[0]));
    `);
    const address = await server.said('bound');
    const script = run(`
      const client = new zmq.ZmqClient({ pair: '${pair}', connect: '${address}' });
      await client.connect();
      client.on('state', () => undefined);
      await new Promise((resolve) => {
        const timer = setInterval(() => {
          if (client.linkState === 'connected') { clearInterval(timer); resolve(); }
        }, 5);
      });
      client.emit('tick', 1);
      say('emitted 1');
    `);
    await script.said('emitted');
    await server.said('handled');
    await until(() => !script.isRunning);
    expect(script.exitCode).toBe(0);
  });
});
