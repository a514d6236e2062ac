import { setImmediate as nextTurn } from 'node:timers/promises';
import { Dealer, Router } from 'zeromq';
import { type BenchEvent, TRADE, tradeEvent } from '../trade-event.js';
import type { Sink } from '../workers/sink-interface.js';
import type { Consumer, Peer, Producer } from './peer-interface.js';

/** An event, or a request when it has an id. */
interface Packet {
  readonly pattern: string;
  readonly data: BenchEvent;
  readonly id?: number;
}

interface Reply {
  readonly id: number;
  readonly response: { readonly side: string; readonly qty: number };
}

/** A queue and one writer: messages of one turn of the event loop, or of one pending send, leave together. */
class Writer<Item> {
  private waiting: Item[] = [];
  private writing = false;

  constructor(private readonly send: (items: readonly Item[]) => Promise<void>) {}

  push(item: Item): void {
    this.waiting.push(item);
    if (!this.writing) {
      this.writing = true;
      void this.write();
    }
  }

  private async write(): Promise<void> {
    await Promise.resolve();
    while (this.waiting.length > 0) {
      const taken = this.waiting;
      this.waiting = [];
      await this.send(taken);
    }
    this.writing = false;
  }
}

class BareRequester implements Producer {
  private readonly pending = new Map<number, (response: unknown) => void>();
  private readonly writer = new Writer<Packet>((packets) => this.socket.send(JSON.stringify(packets)));
  private lastId = 0;

  constructor(private readonly socket: Dealer) {
    void this.read();
  }

  emit(index: number, ts: number): void {
    this.writer.push({ pattern: TRADE, data: tradeEvent(index, ts) });
  }

  async settle(): Promise<void> {
    await nextTurn();
  }

  request(index: number): Promise<unknown> {
    return new Promise((resolve) => {
      this.lastId += 1;
      this.pending.set(this.lastId, resolve);
      this.writer.push({ pattern: 'quote', data: tradeEvent(index, 0), id: this.lastId });
    });
  }

  async close(): Promise<void> {
    this.socket.close();
  }

  private async read(): Promise<void> {
    for await (const [frame] of this.socket) {
      for (const { id, response } of JSON.parse(String(frame)) as Reply[]) {
        this.pending.get(id)?.(response);
        this.pending.delete(id);
      }
    }
  }
}

class BareAnswerer implements Consumer {
  private identity: Buffer = Buffer.alloc(0);
  private readonly writer = new Writer<Reply>((replies) =>
    this.socket.send([this.identity, JSON.stringify(replies)]),
  );

  constructor(
    private readonly socket: Router,
    private readonly sink: Sink,
  ) {}

  async run(): Promise<void> {
    for await (const [identity, frame] of this.socket) {
      // A run has only one client.
      this.identity = identity ?? this.identity;
      for (const { pattern, data, id } of JSON.parse(String(frame)) as Packet[]) {
        if (id !== undefined) {
          this.writer.push({ id, response: { side: data.side, qty: data.qty } });
        } else if (pattern === TRADE) {
          this.sink.take(data);
        }
      }
    }
  }

  async close(): Promise<void> {
    this.socket.close();
  }
}

/** zeromq.js alone, a DEALER that asks and a ROUTER that answers in JSON: the upper limit for requests. */
export const bareRequestPeer: Peer = {
  async openProducer(port) {
    const socket = new Dealer({ linger: 0 });
    socket.connect(`tcp://127.0.0.1:${port}`);
    return new BareRequester(socket);
  },
  async openConsumer(port, sink) {
    const socket = new Router({ linger: 0 });
    await socket.bind(`tcp://127.0.0.1:${port}`);
    const consumer = new BareAnswerer(socket, sink);
    void consumer.run();
    return consumer;
  },
};
