import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { Pull, Push } from 'zeromq';
import { type BenchEvent, TRADE, tradeEvent } from '../trade-event.js';
import type { Sink } from '../workers/sink-interface.js';
import type { Consumer, Peer, Producer } from './peer-interface.js';

/** The transport's own default, so that both pay for the same number of messages. */
const BATCH_EVENTS = 256;
const SHORT_QUEUE_EVENTS = 8192;

/** What the transport puts on the wire by default: Nest's packet. */
interface Packet {
  readonly pattern: string;
  readonly data: BenchEvent;
}

/** A queue and one writer: the least that a program around zeromq.js must do to batch what waits. */
class BareProducer implements Producer {
  private waiting: Packet[] = [];
  private writing = false;

  constructor(private readonly socket: Push) {}

  emit(index: number, ts: number): void {
    this.waiting.push({ pattern: TRADE, data: tradeEvent(index, ts) });
    if (!this.writing) {
      this.writing = true;
      void this.write();
    }
  }

  async settle(): Promise<void> {
    await nextTurn();
    // The queue lasts for many milliseconds: checking it more often would only take processor time from the others.
    while (this.waiting.length > SHORT_QUEUE_EVENTS) await sleep(1);
  }

  async close(): Promise<void> {
    this.socket.close();
  }

  private async write(): Promise<void> {
    // Events of one turn of the event loop leave together.
    await Promise.resolve();
    while (this.waiting.length > 0) {
      const taken = this.waiting;
      this.waiting = [];
      for (let start = 0; start < taken.length; start += BATCH_EVENTS) {
        await this.socket.send(JSON.stringify(taken.slice(start, start + BATCH_EVENTS)));
      }
    }
    this.writing = false;
  }
}

class BareConsumer implements Consumer {
  constructor(
    private readonly socket: Pull,
    private readonly sink: Sink,
  ) {}

  async run(): Promise<void> {
    for await (const [frame] of this.socket) {
      const packets = JSON.parse(String(frame)) as Packet[];
      for (const packet of packets) {
        if (packet.pattern === TRADE) this.sink.take(packet.data);
      }
    }
  }

  async close(): Promise<void> {
    this.socket.close();
  }
}

/** zeromq.js alone, with the transport's batching and JSON and without Nest: the upper limit. */
export const barePeer: Peer = {
  async openProducer(port) {
    const socket = new Push({ linger: 2000, sendHighWaterMark: 128 });
    socket.connect(`tcp://127.0.0.1:${port}`);
    return new BareProducer(socket);
  },
  async openConsumer(port, sink) {
    const socket = new Pull({ linger: 0, receiveHighWaterMark: 128 });
    await socket.bind(`tcp://127.0.0.1:${port}`);
    const consumer = new BareConsumer(socket, sink);
    void consumer.run();
    return consumer;
  },
};
