import { setImmediate as nextTurn } from 'node:timers/promises';
import { createSocket } from 'node:dgram';
import { tradeText } from '@app/contracts';
import { type EncodedValue, JsonCodec } from '@app/zmq-transport';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { Pull } from 'zeromq';
import { type BenchEvent, TRADE, tradeEvent } from '../trade-event.js';
import type { Sink } from '../workers/sink-interface.js';
import { JetStreamProducer, serversAt } from './jetstream-peer.js';
import type { Consumer, Peer, Producer } from './peer-interface.js';
import { ZmqProducer } from './zmq-producer.js';

/** A bare loop over the contract's messages: the JSON of one event, or of an array of them. */
async function openContractLoop(port: number, sink: Sink): Promise<Consumer> {
  const socket = new Pull({ linger: 0 });
  await socket.bind(`tcp://127.0.0.1:${port}`);
  const run = async (): Promise<void> => {
    for await (const [frame] of socket) {
      const message = JSON.parse(String(frame)) as BenchEvent | BenchEvent[];
      if (!Array.isArray(message)) {
        if (message.type === TRADE) sink.take(message);
        continue;
      }
      for (const event of message) {
        if (event.type === TRADE) sink.take(event);
      }
    }
  };
  void run();
  return { close: async () => socket.close() };
}

/** The codec that the publisher ships: the contract's text of a trade. */
class ContractCodec extends JsonCodec {
  override encode(value: unknown): EncodedValue<string> {
    const part = tradeText(value);
    return part === undefined ? super.encode(value) : { part, bytes: part.length };
  }
}

/** As the publisher sends: the contract's event is its own packet, and the contract writes its text. */
const inContractForm = () => ({
  serializer: {
    serialize: ({ pattern, data }: { pattern: unknown; data: { readonly type?: unknown } }) =>
      data.type === pattern ? data : { ...data, type: pattern },
  },
  codec: new ContractCodec(),
});

/** The events of a producer, with a time that a sidecar takes: seconds of the calendar. */
function inEpochSeconds(producer: Producer): Producer {
  return {
    emit: (index) => producer.emit(index, Date.now() / 1000),
    settle: () => producer.settle(),
    close: () => producer.close(),
  };
}

/** The missing producer of a peer: asking for it is an error of the bench. */
const noProducer = (): Promise<Producer> => Promise.reject(new TypeError('this peer has no producer'));
/** The missing consumer: the built sidecar takes its place. */
const noConsumer = (): Promise<Consumer> => Promise.reject(new TypeError('this peer has no consumer'));

/** A socket that reads StatsD's datagrams and counts them. */
function openStatsd(port: number, sink: Sink): Promise<Consumer> {
  return new Promise((resolve, reject) => {
    const socket = createSocket('udp4');
    socket.once('error', reject);
    socket.on('message', () => sink.takeMany([undefined as never]));
    socket.bind(port, '127.0.0.1', () => resolve({ close: async () => socket.close() }));
  });
}

/** The sidecar's metrics of a trade, kept in the producing process itself. */
class InstrumentedProducer implements Producer {
  private readonly registers = [new Registry()];
  private readonly trades = this.counter('trades_total');
  private readonly volume = this.counter('volume_total');
  private readonly lastTrade = new Gauge({
    name: 'last_trade_ts_seconds',
    help: 'x',
    registers: this.registers,
  });
  private readonly latency = new Histogram({
    name: 'latency_seconds',
    help: 'x',
    registers: this.registers,
    buckets: [
      0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5,
      10, 30, 60,
    ],
  });

  emit(index: number, ts: number): void {
    const { side, qty } = tradeEvent(index, ts);
    this.trades.inc({ side }, 1);
    this.volume.inc({ side }, qty);
    this.lastTrade.set(ts);
    this.latency.observe(qty / 1000);
  }

  async settle(): Promise<void> {
    await nextTurn();
  }

  async close(): Promise<void> {
    // Nothing is open.
  }

  private counter(name: string): Counter<'side'> {
    return new Counter({ name, help: 'x', labelNames: ['side'], registers: this.registers });
  }
}

/** The part of hot-shots that is used. It is installed in bench/clients, where the compiler does not see its types. */
interface StatsdClient {
  increment(name: string, value: number, tags: Readonly<Record<string, string>>): void;
  gauge(name: string, value: number): void;
  close(callback: () => void): void;
}

class StatsdProducer implements Producer {
  constructor(private readonly client: StatsdClient) {}

  emit(index: number, ts: number): void {
    const { side, qty } = tradeEvent(index, ts);
    this.client.increment('trades', 1, { side });
    this.client.increment('volume', qty, { side });
    this.client.gauge('last_trade_ts_seconds', ts);
  }

  async settle(): Promise<void> {
    await nextTurn();
  }

  close(): Promise<unknown> {
    return new Promise((resolve) => this.client.close(() => resolve(undefined)));
  }
}

/** The largest datagram that passes any Ethernet, as hot-shots' own manual recommends: metrics are sent when it is full. */
const DATAGRAM_BYTES = 1432;

async function openStatsdProducer(port: number): Promise<Producer> {
  const name: string = 'hot-shots';
  const { StatsD } = (await import(name)) as { StatsD: new (options: object) => StatsdClient };
  return new StatsdProducer(
    new StatsD({ host: '127.0.0.1', port, maxBufferSize: DATAGRAM_BYTES, cacheDns: true }),
  );
}

/** Acknowledged delivery to the built sidecar. */
const appliedPeer: Peer = {
  async openProducer(port) {
    const producer = new ZmqProducer({
      pair: 'dealer-router',
      connect: `tcp://127.0.0.1:${port}`,
      delivery: { mode: 'acknowledged' },
      ...inContractForm(),
    });
    await producer.connect();
    return inEpochSeconds(producer);
  },
  openConsumer: noConsumer,
};

/** The peers of the product's own figures that send or receive one way; the services are in `services/`. */
export const contractPeers = {
  'sidecar-bare': { openProducer: noProducer, openConsumer: openContractLoop },
  emit: {
    async openProducer(port) {
      const producer = new ZmqProducer({
        pair: 'push-pull',
        connect: `tcp://127.0.0.1:${port}`,
        ...inContractForm(),
      });
      await producer.connect();
      return producer;
    },
    openConsumer: openContractLoop,
  },
  'applied-acknowledged': appliedPeer,
  'applied-in-memory': appliedPeer,
  'applied-jetstream': {
    openProducer: async (port) =>
      inEpochSeconds(
        await JetStreamProducer.open({
          ...serversAt(port),
          stream: { name: 'TRADES' },
          ...inContractForm(),
        }),
      ),
    openConsumer: noConsumer,
  },
  'emit-prom-client': {
    openProducer: async () => new InstrumentedProducer(),
    openConsumer: async () => ({ close: async () => undefined }),
  },
  'emit-hot-shots': { openProducer: openStatsdProducer, openConsumer: openStatsd },
} satisfies Record<string, Peer>;
