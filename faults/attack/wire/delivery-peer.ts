import { eventOf } from '../../oracle/event-number.js';
import { ZmtpPeer } from './zmtp-peer.js';

/** Kinds of messages, as the transport's PROTOCOL.md has them. */
export const KIND = {
  ping: 0x03,
  hello: 0x04,
  deliver: 0x05,
  pong: 0x13,
  ready: 0x14,
  refused: 0x15,
  ack: 0x16,
} as const;

const HEADER_BYTES = 29;

/** A producer as it introduces itself. */
export interface Introduction {
  readonly id: string;
  readonly epoch: string;
  readonly instance: string;
  readonly acked: number;
}

/** A trade of the contract that carries its number. */
export function tradeOf(number: number): object {
  return { type: 'trade', ...eventOf(number), ts: Date.now() / 1000 };
}

/** The frames of a HELLO. */
export function hello(producer: Introduction): [Buffer, string] {
  return [Buffer.from([KIND.hello]), JSON.stringify({ version: 2, producer })];
}

/** The frames of a DELIVER: `events` have the numbers from `first`. */
export function deliver(session: string, first: number, events: readonly object[]): [Buffer, string] {
  const header = Buffer.alloc(HEADER_BYTES);
  header[0] = KIND.deliver;
  header.write(session, 1, 'hex');
  header.writeBigUInt64BE(BigInt(first - 1), 9);
  header.writeBigUInt64BE(BigInt(first), 17);
  header.writeUInt32BE(events.length, 25);
  return [header, JSON.stringify(events)];
}

const isKind =
  (kind: number) =>
  ([frame]: readonly Buffer[]) =>
    frame?.[0] === kind;

/** The session that a HELLO opened. */
export interface Opened {
  readonly session: string;
  readonly acked: number;
  readonly received: number;
}

/** A producer of acknowledged delivery that writes the bytes itself. */
export class DeliveryPeer {
  private constructor(readonly peer: ZmtpPeer) {}

  static async open(port: number): Promise<DeliveryPeer> {
    return new DeliveryPeer(await ZmtpPeer.open(port, 'DEALER'));
  }

  /** Sends HELLO once a second, as the protocol says, until a READY comes. @returns undefined when none comes in time */
  async greet(producer: Introduction, limitMs: number): Promise<Opened | undefined> {
    const deadlineMs = performance.now() + limitMs;
    do {
      await this.peer.send(...hello(producer));
      const ready = await this.peer.next(isKind(KIND.ready), 1_000);
      if (ready !== undefined) return JSON.parse(String(ready[1])) as Opened;
    } while (this.peer.isOpen && performance.now() < deadlineMs);
    return undefined;
  }

  /** Delivers trades and waits for their acknowledgement. @returns whether it came in time */
  async deliverTrades(
    { session }: Opened,
    first: number,
    numbers: readonly number[],
    limitMs = 20_000,
  ): Promise<boolean> {
    await this.peer.send(...deliver(session, first, numbers.map(tradeOf)));
    const last = BigInt(first + numbers.length - 1);
    const isDone = (message: readonly Buffer[]): boolean =>
      isKind(KIND.ack)(message) && (message[0]?.readBigUInt64BE(9) ?? 0n) >= last;
    return (await this.peer.next(isDone, limitMs)) !== undefined;
  }

  close(): void {
    this.peer.close();
  }
}
