import {
  CANCEL,
  encodeAck,
  encodeDeliver,
  encodeFailures,
  encodeResync,
  HELLO,
  kindFrame,
  PACKETS,
  PING,
  PONG,
  READY,
  REFUSED,
  REPLIES,
} from '../../../src/wire/frames.js';
import type { SeededRandom } from './seeded-random.js';

const EDGES = [0, 1, 2, 255, 65_535, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1] as const;
const EDGES_64 = [0n, 1n, 2n ** 32n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n] as const;
const EDGES_32 = [0, 1, 64, 65, 1001, 65_536, 2 ** 31, 2 ** 32 - 1] as const;
const NO_SESSION = '0'.repeat(16);

/** What a peer knows of its session. */
export interface PeerSession {
  /** What it was granted last. */
  session: string | undefined;
  /** The number of the last event that it delivered as it should. */
  last: number;
}

/** JSON that is one thing to a parser and another to whoever uses what it gives. */
const ODD_JSON = [
  'null',
  '[]',
  '{}',
  '""',
  '1e999',
  '[null,1,"x",{},[]]',
  '{"version":2}',
  '{"version":1}',
  '{"version":"2"}',
  '{"version":2,"producer":null}',
  '{"version":2,"producer":{"id":"","epoch":"e","instance":"i","acked":0}}',
  '{"version":2,"producer":{"id":"a","epoch":"e","instance":"i","acked":-1}}',
  '{"version":2,"producer":{"id":"a","epoch":"e","instance":"i","acked":1e308}}',
  '{"id":{"toString":1,"valueOf":1},"response":1,"isDisposed":true}',
  '[{"toString":1}]',
  '[{"id":"1","response":1},{"id":{"toString":null}}]',
  '{"__proto__":{"id":"1"},"constructor":1}',
  '{"pattern":{"toString":1},"data":1}',
  '{"pattern":"noise","data":1,"id":{"toString":1}}',
  '{"pattern":"echo","data":1,"id":"__proto__"}',
  '{"pattern":["noise"],"data":[]}',
  '{"pattern":"noise","data":"fail"}',
  `${'['.repeat(3000)}${']'.repeat(3000)}`,
  `${'{"a":'.repeat(3000)}1${'}'.repeat(3000)}`,
  `[${'['.repeat(3000)}${']'.repeat(3000)}]`,
  `{"pattern":${'{"a":'.repeat(3000)}1${'}'.repeat(3000)},"data":1,"id":"deep"}`,
  `{"id":${'['.repeat(3000)}${']'.repeat(3000)},"response":1}`,
] as const;

/** Makes messages of the protocol, most of them wrong, always the same ones for the same seed. */
export class MessageMutator {
  constructor(private readonly random: SeededRandom) {}

  /** @returns frames without an identity */
  toServer(peer: PeerSession): Buffer[] {
    // Some deliver more and more, as they should and far beyond their window.
    return this.random.below(3) === 0 ? this.deliverNext(peer) : this.mutate(this.honestToServer(peer));
  }

  /** @param session what this server granted last. @param highest the number of the last event that it was sent */
  toClient(session: string = NO_SESSION, highest = 0): Buffer[] {
    return this.mutate(this.honestToClient(session, highest));
  }

  private honestToServer({ session = NO_SESSION }: PeerSession): Buffer[] {
    const { random } = this;
    switch (random.below(8)) {
      case 0:
        return [kindFrame(HELLO), Buffer.from(this.hello())];
      case 1:
        return [kindFrame(PACKETS), this.payload(1 + random.below(4))];
      case 2:
        return [kindFrame(CANCEL), Buffer.from('["1","2"]')];
      case 3:
        return [kindFrame(PING), random.bytes(random.below(70))];
      default:
        return this.deliver(session);
    }
  }

  private honestToClient(session: string, highest: number): Buffer[] {
    const { random } = this;
    const near = Math.max(0, highest - 2 + random.below(5));
    switch (random.below(8)) {
      case 0:
        return [kindFrame(REPLIES), Buffer.from(this.reply())];
      case 1:
        return [kindFrame(PONG), Buffer.from(String(random.below(5)))];
      case 2:
      case 3: {
        const received = random.below(2) === 0 ? near : random.pick(EDGES);
        const acked = random.below(2) === 0 ? Math.min(near, received) : random.pick(EDGES);
        const window = random.pick([0, 1, 64, 8192, 2 ** 53 - 1]);
        return [
          kindFrame(READY),
          Buffer.from(JSON.stringify({ version: 2, session, acked, received, window, windowBytes: window })),
        ];
      }
      case 4: {
        const code = random.pick(['version', 'producer_in_use', 'too_many_producers', 'malformed', 'new']);
        return [kindFrame(REFUSED), Buffer.from(JSON.stringify({ version: 2, code, reason: 'no' }))];
      }
      case 5:
        return [encodeResync(session)];
      default:
        return this.ack(session, random.below(3) === 0 ? random.pick(EDGES) : near);
    }
  }

  private ack(session: string, sequence: number): Buffer[] {
    const head = encodeAck({ session, sequence, window: this.random.pick(EDGES_32) });
    const failure = { sequence, reason: 'handler_failed', detail: 'it says so' };
    return this.random.below(3) === 0 ? [head, Buffer.from(encodeFailures([failure]))] : [head];
  }

  private hello(): string {
    const { random } = this;
    const producer = {
      id: `hostile-${random.below(40)}`,
      epoch: `epoch-${random.below(3)}`,
      instance: `instance-${random.below(2)}`,
      acked: random.below(4) === 0 ? random.pick(EDGES) : random.below(100),
    };
    return JSON.stringify({ version: 2, producer: random.below(8) === 0 ? undefined : producer });
  }

  private deliverNext(peer: PeerSession): Buffer[] {
    const { session = NO_SESSION, last: previous } = peer;
    const count = 1 + this.random.below(8);
    peer.last = Math.min(peer.last + count, 2 ** 53 - 1 - count);
    return [encodeDeliver({ session, previous, first: previous + 1, count }), this.payload(count)];
  }

  private deliver(session: string): Buffer[] {
    const { random } = this;
    const previous = random.below(120);
    const count = 1 + random.below(4);
    const head = encodeDeliver({ session, previous, first: previous + 1 + random.below(2), count });
    if (random.below(6) === 0) head.writeBigUInt64BE(random.pick(EDGES_64), 9);
    if (random.below(6) === 0) head.writeBigUInt64BE(random.pick(EDGES_64), 17);
    if (random.below(6) === 0) head.writeUInt32BE(random.pick(EDGES_32), 25);
    return [head, this.payload(random.below(6) === 0 ? random.below(6) : count)];
  }

  private payload(count: number): Buffer {
    const { random } = this;
    const packets = Array.from({ length: count }, () => {
      const pattern = random.pick(['noise', 'noise', 'nobody', 'echo']);
      const id = random.below(4) === 0 ? String(random.below(50)) : undefined;
      return { pattern, data: random.below(10) === 0 ? 'fail' : random.below(1000), id };
    });
    return Buffer.from(JSON.stringify(packets.length === 1 ? packets[0] : packets));
  }

  private reply(): string {
    const { random } = this;
    const reply = {
      id: random.below(100).toString(36),
      response: 'a lie',
      isDisposed: random.below(2) === 0,
    };
    return JSON.stringify(random.below(2) === 0 ? reply : [reply, { ...reply, id: random.below(9) }]);
  }

  /** One in four stays as it is: the state behind it is to be reached too. */
  private mutate(frames: Buffer[]): Buffer[] {
    const { random } = this;
    const at = random.below(frames.length);
    const frame = frames[at] ?? Buffer.alloc(0);
    const change = (next: Buffer): Buffer[] => frames.map((one, n) => (n === at ? next : one));
    switch (random.below(16)) {
      case 0:
      case 1:
        return change(this.flipped(frame));
      case 2:
        return change(frame.subarray(0, random.below(frame.length)));
      case 3:
        return change(Buffer.concat([frame, random.bytes(1 + random.below(40))]));
      case 4:
        return frames.toReversed();
      case 5:
        return [...frames, random.bytes(random.below(8))];
      case 6:
        return frames.slice(0, random.below(frames.length + 1));
      case 7:
        return change(random.bytes(random.below(64)));
      case 8:
      case 9:
        return [frames[0] ?? frame, Buffer.from(random.pick(ODD_JSON))];
      case 10:
        // Not UTF-8.
        return change(
          Buffer.concat([frame.subarray(0, 4), Buffer.from([0xff, 0xc0, 0x80]), frame.subarray(4)]),
        );
      case 11:
        return random.below(50) === 0 ? change(Buffer.alloc(70_000, 0x20)) : frames;
      default:
        return frames;
    }
  }

  private flipped(frame: Buffer): Buffer {
    const copy = Buffer.from(frame);
    for (let flips = 1 + this.random.below(3); flips > 0 && copy.length > 0; flips -= 1) {
      const at = this.random.below(copy.length);
      copy[at] = (copy[at] ?? 0) ^ (1 << this.random.below(8));
    }
    return copy;
  }
}
