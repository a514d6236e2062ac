// The lower limit of a post's cost: one Fastify route with a schema, and a bare PUSH that sends once a turn of the event loop.
// `node bare-post-main.js ZMQ_PORT HTTP_PORT`
import { setImmediate as nextTurn } from 'node:timers/promises';
import Fastify from 'fastify';
import { Push } from 'zeromq';

const [zmqPort, httpPort] = process.argv.slice(2);
const side = { enum: ['buy', 'sell'] };
const qty = { type: 'number', minimum: 0 };

interface Trade {
  readonly type: 'trade';
  readonly side: string;
  readonly qty: number;
  readonly ts: number;
}

const socket = new Push({ linger: 2000 });
socket.connect(`tcp://127.0.0.1:${zmqPort}`);
let waiting: Trade[] = [];
let writing: Promise<void> | undefined;

async function write(): Promise<void> {
  while (waiting.length > 0) {
    await nextTurn();
    const taken = waiting;
    waiting = [];
    await socket.send(JSON.stringify(taken.length === 1 ? taken[0] : taken));
  }
  writing = undefined;
}

const app = Fastify();
app.get('/health', () => ({ status: 'ok' }));
app.post<{ Params: { side: string }; Body: { qty: number } }>(
  '/trade/:side',
  {
    schema: {
      params: { type: 'object', properties: { side }, required: ['side'] },
      body: { type: 'object', properties: { qty: { ...qty, default: 1 } } },
      response: {
        202: { type: 'object', properties: { type: { type: 'string' }, side, qty, ts: { type: 'number' } } },
      },
    },
  },
  (request, reply) => {
    const ts = Date.now() / 1000;
    const trade: Trade = { type: 'trade', side: request.params.side, qty: request.body.qty, ts };
    waiting.push(trade);
    writing ??= write();
    void reply.code(202).send(trade);
  },
);
await app.listen({ host: '127.0.0.1', port: Number(httpPort) });
process.once('SIGTERM', async () => {
  await app.close();
  await writing;
  socket.close();
});
