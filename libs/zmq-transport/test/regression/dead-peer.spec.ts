/**
 * A peer that dies while its server is behind. libzmq's own heartbeats abort the whole process there: they write to a
 * connection that has failed and that nobody reads (zeromq/libzmq#4364, #4767).
 */
import { PeerScope } from '../delivery/harness/peer-process.js';
import { PAIRS } from '../harness/pairs.js';
import { until } from '../harness/until.js';

const HEARTBEAT_MS = 50;
/** A server takes a dead peer's connection up again within so many heartbeats. */
const BEATS_AFTER = 30;

const slowServer = (pair: string): string => `
  const server = new zmq.ZmqServer({
    pair: '${pair}', bind: 'tcp://127.0.0.1:*', heartbeatIntervalMs: ${HEARTBEAT_MS}, highWaterMark: 1, maxInFlight: 1,
  });
  let handled = 0;
  server.addHandler('tick', async () => {
    await new Promise((resolve) => setTimeout(resolve, 100));
    say('handled ' + ++handled);
  }, true);
  server.listen((error) => say(error ? 'failed ' + error : 'bound ' + server.boundAddresses[0]));
  let beats = 0;
  setInterval(() => say('beat ' + ++beats), ${HEARTBEAT_MS});
`;

const eagerClient = (pair: string, connect: string): string => `
  const client = new zmq.ZmqClient({
    pair: '${pair}', connect: '${connect}', heartbeatIntervalMs: ${HEARTBEAT_MS}, highWaterMark: 1, maxBatchEvents: 1,
  });
  await client.connect();
  let n = 0;
  setInterval(() => { client.emit('tick', { n: ++n }).subscribe({ error: () => undefined }); say('emitted ' + n); }, 5);
`;

describe.each(PAIRS)('a server over %s that is behind when its client is killed', (pair) => {
  const peers = new PeerScope();
  const peer = peers.start;
  afterEach(() => peers.dispose());

  it('lives on, and handles what the next client sends', async () => {
    const server = peer(slowServer(pair));
    const address = await server.said('bound');
    const past = (word: string, count: number): Promise<void> =>
      until(() => !server.isRunning || (server.numbers(word).at(-1) ?? 0) > count);
    for (const client of [peer(eagerClient(pair, address)), peer(eagerClient(pair, address))]) {
      // Far more than the sockets hold: the server has stopped to read.
      await until(() => (client.numbers('emitted').at(-1) ?? 0) >= 200);
      await client.kill();
      await past('beat', (server.numbers('beat').at(-1) ?? 0) + BEATS_AFTER);
    }
    peer(eagerClient(pair, address));
    await past('handled', server.numbers('handled').length);
    expect(server.isRunning).toBe(true);
  });
});
