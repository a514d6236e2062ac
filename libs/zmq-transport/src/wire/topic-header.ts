import { randomBytes } from 'node:crypto';
import { MAX_BELIEVED_GAP } from './frames.js';

/** Bytes of the header frame of a PUB message: 8 of the publisher's id, 8 of the sequence number, big-endian. */
export const TOPIC_HEADER_BYTES = 16;

/**
 * Numbers the events of each topic, so that a subscriber can tell how many it missed: a PUB socket silently drops events for a
 * slow subscriber. Numbers over all topics would count events of other topics as missed.
 */
export class TopicSequencer {
  private readonly publisher = randomBytes(8);
  private readonly next = new Map<string, bigint>();

  /** The header for the next `events` events of `topic`; it carries the number of the first one. */
  header(topic: string, events: number): Buffer {
    const first = this.next.get(topic) ?? 0n;
    this.next.set(topic, first + BigInt(events));
    const header = Buffer.allocUnsafe(TOPIC_HEADER_BYTES);
    this.publisher.copy(header);
    header.writeBigUInt64BE(first, 8);
    return header;
  }
}

/** Most publisher-and-topic pairs that are followed; the one unseen for longest is forgotten first. */
const MAX_FOLLOWED = 10_000;

/** Counts missed events of followed topics by the gaps in their numbers. */
export class MissedEvents {
  private readonly expected = new Map<string, bigint>();

  /** @returns how many events were missed before this message; 0 for the first of its publisher and topic. */
  note(topic: string, header: Buffer, events: number): number {
    const key = `${header.toString('latin1', 0, 8)}${topic}`;
    const first = header.readBigUInt64BE(8);
    const expected = this.expected.get(key);
    this.expected.delete(key);
    this.expected.set(key, first + BigInt(events));
    if (this.expected.size > MAX_FOLLOWED) {
      this.forgetOldest();
    }
    return expected === undefined || first <= expected
      ? 0
      : Math.min(Number(first - expected), MAX_BELIEVED_GAP);
  }

  private forgetOldest(): void {
    const [oldest] = this.expected.keys();
    if (oldest !== undefined) {
      this.expected.delete(oldest);
    }
  }
}
