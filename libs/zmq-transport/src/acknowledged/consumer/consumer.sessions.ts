import type { DeliveryFailure, DeliveryPosition } from '@app/transport-core';
import type { AckHeader, DeliverHeader } from '../../wire/delivery-frames.js';
import type { ProducerGreeting, RefusalCode, SessionGrant } from '../../wire/greeting.js';
import { type FollowedProducer, newProducer, type ReceivedBatch } from './followed-producer.js';
export type { ReceivedBatch } from './followed-producer.js';

/** Failures named in one ACK; the next one names those beyond. */
export const MAX_NAMED_FAILURES = 1000;

/** What becomes of a HELLO. */
export type Welcome =
  | { readonly kind: 'granted'; readonly grant: SessionGrant }
  /** Another instance has this id; where it is, so that one can look whether it is still there. */
  | { readonly kind: 'occupied'; readonly peer: string }
  | { readonly kind: 'refused'; readonly code: RefusalCode };

/** What became of a DELIVER; see PROTOCOL.md, section 4. */
export type Receipt = 'queued' | 'duplicate' | 'stale' | 'resync';

export interface ConsumerSessionsOptions {
  readonly windowEvents: number;
  readonly windowBytes: number;
  readonly maxProducers: number;
  /** Makes a new token: 16 hexadecimal digits. */
  readonly newSession: () => string;
}

/**
 * The server's side of PROTOCOL.md, sections 3 to 5: who is welcome, which batch is taken, and what is acknowledged. It
 * holds no socket, no clock and no promise, so that every order of events can be tried on it.
 */
export class ConsumerSessions {
  private readonly producers = new Map<string, FollowedProducer>();
  private readonly byPeer = new Map<string, FollowedProducer>();
  private forgottenEvents = 0;

  constructor(private readonly options: ConsumerSessionsOptions) {}

  /** Producers with a session. */
  get connected(): number {
    return this.byPeer.size;
  }

  /** Numbers that producers had acknowledged and the ledger does not know: it is older than what it promised. */
  get forgotten(): number {
    return this.forgottenEvents;
  }

  /** Events that wait for their turn. */
  get queuedEvents(): number {
    let events = 0;
    for (const { queue } of this.producers.values()) {
      events = queue.reduce((sum, { count, skip }) => sum + count - skip, events);
    }
    return events;
  }

  /** Where producers are connected, as far as is known. */
  get peers(): readonly string[] {
    return [...this.byPeer.keys()];
  }

  /** The producer with a session there. */
  producerAt(peer: string): string | undefined {
    return this.byPeer.get(peer)?.id;
  }

  /** Takes over what an earlier process knew. */
  restore(positions: readonly DeliveryPosition[]): void {
    for (const { producer, epoch, sequence } of positions) {
      this.producers.set(producer, newProducer(producer, epoch, sequence));
    }
  }

  /** @returns ids of producers that were forgotten to make room, beside the answer. */
  greet(peer: string, greeting: ProducerGreeting): Welcome & { readonly forgotten?: string } {
    const known = this.producers.get(greeting.id);
    if (known?.peer !== undefined && known.peer !== peer && known.instance !== greeting.instance) {
      return { kind: 'occupied', peer: known.peer };
    }
    if (known !== undefined && known.epoch !== greeting.epoch && known.earlierBatches > 0) {
      // Each epoch has a window of its own: without an end to them a queue would have no bound.
      return { kind: 'refused', code: 'busy' };
    }
    const forgotten = known === undefined ? this.makeRoom() : undefined;
    if (forgotten === false) {
      return { kind: 'refused', code: 'too_many_producers' };
    }
    const producer = known ?? newProducer(greeting.id, greeting.epoch, greeting.acked);
    // Last in the Map's order: the one that has been away longest is forgotten first.
    this.producers.delete(greeting.id);
    this.producers.set(greeting.id, producer);
    this.moveTo(producer, peer, greeting);
    const grant = this.grantFor(producer, greeting);
    return { kind: 'granted', grant, ...(forgotten === undefined ? {} : { forgotten }) };
  }

  /** The peer is gone. Its queue stays: what was received will be handled. */
  leave(peer: string): void {
    const producer = this.byPeer.get(peer);
    if (producer !== undefined) {
      this.byPeer.delete(peer);
      producer.peer = undefined;
      producer.session = undefined;
    }
  }

  deliver(peer: string, header: DeliverHeader, payload: Buffer, receivedAtSeconds: number): Receipt {
    const producer = this.byPeer.get(peer);
    if (producer?.session === undefined || producer.session !== header.session) {
      return 'stale';
    }
    const { first, count, previous } = header;
    const last = first + count - 1;
    if (last <= producer.received) {
      return 'duplicate';
    }
    const skip = Math.max(0, producer.received + 1 - first);
    if (previous > producer.received || !this.hasRoomFor(producer, last, count - skip, payload.length)) {
      // What follows of this session is stale: one RESYNC is enough.
      producer.session = undefined;
      return 'resync';
    }
    producer.queue.push({
      producer: producer.id,
      epoch: producer.epoch,
      first,
      count,
      skip,
      payload,
      receivedAtSeconds,
    });
    producer.waiting.batches += 1;
    producer.waiting.events += count - skip;
    producer.waiting.bytes += payload.length;
    producer.received = last;
    return 'queued';
  }

  /** Producers whose batches wait. */
  producersWithWork(): string[] {
    return [...this.producers.values()].filter(({ queue }) => queue.length > 0).map(({ id }) => id);
  }

  /** The batch that is next for this producer; it stays in the queue until {@link handled}. */
  nextOf(producer: string): ReceivedBatch | undefined {
    return this.producers.get(producer)?.queue[0];
  }

  /** The handlers of the producer's next batch have ended; `failures` are those that failed for good. */
  handled(batch: ReceivedBatch, failures: readonly DeliveryFailure[]): DeliveryPosition {
    const producer = this.producers.get(batch.producer);
    if (producer !== undefined) {
      producer.queue.shift();
      if (producer.epoch === batch.epoch) {
        producer.failures.push(...failures);
      }
    }
    return { producer: batch.producer, epoch: batch.epoch, sequence: batch.first + batch.count - 1 };
  }

  /** A handled position is durable now. @returns the peer to acknowledge to, if it is there. */
  committed({ producer: id, epoch, sequence }: DeliveryPosition, batch: ReceivedBatch): string | undefined {
    const producer = this.producers.get(id);
    if (producer === undefined) {
      return undefined;
    }
    if (producer.epoch !== epoch) {
      producer.earlierBatches -= 1;
      return undefined;
    }
    producer.waiting.batches -= 1;
    producer.waiting.events -= batch.count - batch.skip;
    producer.waiting.bytes -= batch.payload.length;
    producer.committed = Math.max(producer.committed, sequence);
    return producer.session === undefined ? undefined : producer.peer;
  }

  /** What to acknowledge to a peer now, and the failures to name with it. Undefined when it has no session. */
  ackOf(
    peer: string,
  ): { readonly ack: AckHeader; readonly failures: readonly DeliveryFailure[] } | undefined {
    const producer = this.byPeer.get(peer);
    if (producer?.session === undefined) {
      return undefined;
    }
    const { session, committed } = producer;
    const due = producer.failures.filter((failure) => failure.sequence <= committed);
    // Who is not named counts as a success: what has no room is acknowledged by the next ACK.
    const sequence = (due[MAX_NAMED_FAILURES]?.sequence ?? committed + 1) - 1;
    const failures = due.slice(0, MAX_NAMED_FAILURES);
    return { ack: { session, sequence, window: this.options.windowEvents }, failures };
  }

  /**
   * An ACK up to `sequence` has left: its failures are not named again in this session.
   * @returns whether another ACK is due
   */
  acknowledged(peer: string, sequence: number): boolean {
    const producer = this.byPeer.get(peer);
    if (producer === undefined || producer.failures.length === 0) {
      return false;
    }
    const named = producer.failures.filter((failure) => failure.sequence <= sequence);
    producer.namedFailures = [...producer.namedFailures, ...named].slice(-MAX_NAMED_FAILURES);
    producer.failures = producer.failures.filter((failure) => failure.sequence > sequence);
    return producer.committed > sequence;
  }

  /** What waits is counted beside the numbers: a HELLO can move those, and must not make room by it. */
  private hasRoomFor(
    { committed, waiting }: FollowedProducer,
    last: number,
    events: number,
    bytes: number,
  ): boolean {
    const { windowEvents, windowBytes } = this.options;
    return (
      waiting.batches === 0 ||
      (last <= committed + windowEvents &&
        waiting.events + events <= windowEvents &&
        waiting.bytes + bytes <= windowBytes)
    );
  }

  private moveTo(
    producer: FollowedProducer,
    peer: string,
    { epoch, instance, acked }: ProducerGreeting,
  ): void {
    const previous = this.byPeer.get(peer);
    if (previous !== undefined && previous !== producer) {
      previous.peer = undefined;
      previous.session = undefined;
    }
    if (producer.peer !== undefined) {
      this.byPeer.delete(producer.peer);
    }
    this.byPeer.set(peer, producer);
    producer.peer = peer;
    producer.instance = instance;
    if (producer.epoch !== epoch) {
      producer.epoch = epoch;
      producer.received = acked;
      producer.committed = acked;
      producer.failures = [];
      producer.namedFailures = [];
      producer.earlierBatches += producer.waiting.batches;
      producer.waiting = { batches: 0, events: 0, bytes: 0 };
    }
  }

  private grantFor(producer: FollowedProducer, { acked }: ProducerGreeting): SessionGrant {
    if (acked > producer.received) {
      this.forgottenEvents += acked - producer.received;
      producer.received = acked;
      producer.committed = acked;
    }
    producer.failures = [...producer.namedFailures, ...producer.failures]
      .filter(({ sequence }) => sequence > acked)
      .toSorted((one, other) => one.sequence - other.sequence);
    producer.namedFailures = [];
    producer.session = this.options.newSession();
    return {
      session: producer.session,
      acked: producer.committed,
      received: producer.received,
      window: this.options.windowEvents,
      windowBytes: this.options.windowBytes,
    };
  }

  /** @returns who was forgotten, undefined when there was room, false when there is none. */
  private makeRoom(): string | undefined | false {
    if (this.producers.size < this.options.maxProducers) {
      return undefined;
    }
    for (const { id, peer, waiting, earlierBatches } of this.producers.values()) {
      if (peer === undefined && waiting.batches + earlierBatches === 0) {
        this.producers.delete(id);
        return id;
      }
    }
    return false;
  }
}
