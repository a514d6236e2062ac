import type { DeliveryFailure, DeliveryPosition } from '@app/transport-core';
import type { AckHeader, DeliverHeader } from '../../wire/frames.js';
import type { ProducerGreeting, RefusalCode, SessionGrant } from '../../wire/greeting.js';
import {
  beginEpoch,
  type FollowedProducer,
  heardThrough,
  isDue,
  keptOf,
  nameAgain,
  newProducer,
  oneForEach,
  possible,
  type ProducerConnection,
  type ReceivedBatch,
} from './followed-producer.js';

/** Most failures that one ACK names; the next ACK names the rest. */
export const MAX_NAMED_FAILURES = 1000;
/** Most failures kept for all producers together. Beyond it, the producer with the most loses some: those are only counted. */
export const MAX_KEPT_FAILURES = 65_536;
/** Characters of reasons and details in one ACK: libzmq keeps whole ACKs for a peer that does not read. */
const MAX_NAMED_CHARACTERS = 65_536;

/** The server's answer to a HELLO. */
export type Welcome =
  | { readonly kind: 'granted'; readonly grant: SessionGrant }
  /** Another instance delivers under this id; `peer` says where, so that the caller can check whether it is still there. */
  | { readonly kind: 'occupied'; readonly peer: string }
  | { readonly kind: 'refused'; readonly code: RefusalCode };

/** The outcome of a DELIVER; see PROTOCOL.md, section 4. */
export type Receipt = 'queued' | 'duplicate' | 'stale' | 'resync';

export interface ConsumerSessionsOptions {
  readonly windowEvents: number;
  readonly windowBytes: number;
  readonly maxProducers: number;
  /** Makes a new token: 16 hexadecimal digits. */
  readonly newSession: () => string;
  /** @default MAX_NAMED_FAILURES */
  readonly maxNamedFailures?: number;
}

/** How far a producer's events have come, as the server tells its connection. */
interface Standing {
  readonly received: number;
  readonly committed: number;
}

/**
 * The server's side of PROTOCOL.md, sections 3 to 5: which producer is let in, which batch is taken, and what is acknowledged.
 * It holds no socket, no clock and no promise, so that a test can try every order of events.
 *
 * It keeps what connections say of themselves apart from what it knows of producers: a connection can say anything.
 */
export class ConsumerSessions {
  /** The one that has been away longest comes first. */
  private readonly producers = new Map<string, FollowedProducer>();
  /** By peer, the one whose HELLO is oldest first. */
  private readonly connections = new Map<string, ProducerConnection>();
  private forgottenProducers: string[] = [];
  private failuresGivenUp = 0;

  constructor(private readonly options: ConsumerSessionsOptions) {}

  /** Producers with a session. */
  get connected(): number {
    return this.connections.size;
  }

  /** Failures that are kept, for all producers together. */
  get keptFailures(): number {
    let kept = 0;
    for (const producer of this.producers.values()) {
      kept += keptOf(producer);
    }
    return kept;
  }

  /** Failures that no ACK will name: there were more than may be kept. */
  get unnamedFailures(): number {
    return this.failuresGivenUp;
  }

  /** Events that wait for their turn; a batch counts for no more events than its payload can hold. */
  get queuedEvents(): number {
    let events = 0;
    for (const { queue } of this.producers.values()) {
      events = queue.reduce((sum, { count, skip, payload }) => sum + possible(count - skip, payload), events);
    }
    return events;
  }

  /** The peers that producers are connected from, as far as the server knows. */
  get peers(): readonly string[] {
    return [...this.connections.keys()];
  }

  /** The producer that this peer's session belongs to. */
  producerAt(peer: string): string | undefined {
    return this.connections.get(peer)?.id;
  }

  /** Takes over what an earlier process knew. */
  restore(positions: readonly DeliveryPosition[]): void {
    for (const { producer, epoch, sequence } of positions) {
      this.producers.set(producer, newProducer(producer, epoch, sequence));
    }
  }

  /** A HELLO alone does not add, replace or forget a producer. */
  greet(peer: string, greeting: ProducerGreeting): Welcome {
    const { id, epoch, instance, acked } = greeting;
    const earlier = this.connections.get(peer);
    if (earlier !== undefined && earlier.id !== id) {
      return { kind: 'refused', code: 'malformed' };
    }
    const known = this.producers.get(id);
    const holder = known?.peer === undefined ? undefined : this.connections.get(known.peer);
    if (holder !== undefined && holder.peer !== peer && holder.instance !== instance) {
      return { kind: 'occupied', peer: holder.peer };
    }
    if (known !== undefined && known.epoch !== epoch && known.earlierBatches > 0) {
      // Each epoch has a window of its own: without an end to them a queue would have no bound.
      return { kind: 'refused', code: 'busy' };
    }
    if (!this.canFollow(id)) {
      return { kind: 'refused', code: 'too_many_producers' };
    }
    this.endEarlier(peer, greeting);
    if (!this.makeRoomToConnect()) {
      return { kind: 'refused', code: 'too_many_producers' };
    }
    const session = this.options.newSession();
    const connection: ProducerConnection = { peer, id, epoch, instance, acked, session };
    this.connections.set(peer, connection);
    if (known?.epoch === epoch) {
      known.peer = peer;
      nameAgain(known, acked);
    }
    return { kind: 'granted', grant: this.grantFor(connection, session) };
  }

  /** The peer is gone. Its queue stays: what was received will be handled. */
  leave(peer: string): void {
    const connection = this.connections.get(peer);
    if (connection === undefined) {
      return;
    }
    this.connections.delete(peer);
    const producer = this.producers.get(connection.id);
    if (producer?.peer === peer) {
      producer.peer = undefined;
      // Inserted again: the Map is in the order of leaving, and the one away longest is forgotten first.
      this.producers.delete(producer.id);
      this.producers.set(producer.id, producer);
    }
  }

  receive(peer: string, header: DeliverHeader, payload: Buffer, receivedAtSeconds: number): Receipt {
    const connection = this.connections.get(peer);
    if (connection?.session === undefined || connection.session !== header.session) {
      return 'stale';
    }
    const { first, count, previous } = header;
    const { received } = this.standingOf(connection);
    const last = first + count - 1;
    if (last <= received) {
      return 'duplicate';
    }
    const skip = Math.max(0, received + 1 - first);
    const hasRoom = this.hasRoomFor(connection, last, count - skip, payload.length);
    const forgotten = this.unknownBefore(connection);
    const producer = previous <= received && hasRoom ? this.claim(connection) : undefined;
    if (producer === undefined) {
      // What follows of this session is stale: one RESYNC is enough.
      connection.session = undefined;
      return 'resync';
    }
    producer.queue.push({
      producer: producer.id,
      epoch: producer.epoch,
      first,
      count,
      skip,
      forgotten,
      payload,
      receivedAtSeconds,
    });
    producer.waiting.batches += 1;
    producer.waiting.events += count - skip;
    producer.waiting.bytes += payload.length;
    producer.received = last;
    // A producer that sends within its window must have received the ACKs before it: their failures are not named again.
    heardThrough(producer, Math.min(previous, last - this.options.windowEvents));
    return 'queued';
  }

  /** Ids of producers that were forgotten to make room, since this was last asked. */
  takeForgotten(): readonly string[] {
    return this.forgottenProducers.splice(0);
  }

  /** Producers whose next batch may be handled. */
  producersWithWork(): string[] {
    return [...this.producers.keys()].filter((id) => this.nextOf(id) !== undefined);
  }

  /**
   * The next batch of this producer; it stays in the queue until {@link handled}. Undefined while its connected peer has not
   * been told of the failures so far: a slow reader fills only its own queue.
   */
  nextOf(producer: string): ReceivedBatch | undefined {
    const known = this.producers.get(producer);
    const isBehind = known?.peer !== undefined && known.failures.length >= this.maxNamed;
    return isBehind ? undefined : known?.queue[0];
  }

  /** The handlers of the producer's next batch have ended; `failures` are those that failed for good. */
  handled(batch: ReceivedBatch, failures: readonly DeliveryFailure[]): DeliveryPosition {
    const producer = this.producers.get(batch.producer);
    if (producer !== undefined) {
      producer.queue.shift();
      if (producer.epoch === batch.epoch && failures.length > 0) {
        producer.failures = [...producer.failures, ...oneForEach(failures)];
        this.boundFailures();
      }
    }
    return { producer: batch.producer, epoch: batch.epoch, sequence: batch.first + batch.count - 1 };
  }

  /** The ledger kept a handled position, or there is none. @returns the peer to acknowledge to, if it is there. */
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
    const { peer } = producer;
    return peer === undefined || this.connections.get(peer)?.session === undefined ? undefined : peer;
  }

  /** What to acknowledge to a peer now, and the failures to name with it. Undefined when it has no session. */
  ackOf(
    peer: string,
  ): { readonly ack: AckHeader; readonly failures: readonly DeliveryFailure[] } | undefined {
    const connection = this.connections.get(peer);
    if (connection?.session === undefined) {
      return undefined;
    }
    const { session } = connection;
    const { committed } = this.standingOf(connection);
    const due = this.producerOf(connection)?.failures ?? [];
    let named = 0;
    let characters = 0;
    while (isDue(due[named], committed) && named < this.maxNamed && characters < MAX_NAMED_CHARACTERS) {
      characters += (due[named]?.reason.length ?? 0) + (due[named]?.detail.length ?? 0);
      named += 1;
    }
    // A producer counts an event that is not named as a success: the next ACK acknowledges what this one has no room to name.
    const next = due[named];
    const sequence = next !== undefined && next.sequence <= committed ? next.sequence - 1 : committed;
    return {
      ack: { session, sequence, window: this.options.windowEvents },
      failures: due.slice(0, named),
    };
  }

  /**
   * An ACK up to `sequence` has left: its failures are not named again in this session.
   * @returns whether another ACK is due
   */
  acknowledged(peer: string, sequence: number): boolean {
    const connection = this.connections.get(peer);
    const producer = connection === undefined ? undefined : this.producerOf(connection);
    if (producer === undefined || producer.failures.length === 0) {
      return false;
    }
    const beyond = producer.failures.findIndex((failure) => failure.sequence > sequence);
    const named = producer.failures.splice(0, beyond === -1 ? producer.failures.length : beyond);
    producer.namedFailures = [...producer.namedFailures, ...named];
    return producer.committed > sequence;
  }

  private get maxNamed(): number {
    return this.options.maxNamedFailures ?? MAX_NAMED_FAILURES;
  }

  /** What is kept of the epoch that this connection speaks for. */
  private producerOf({ id, epoch, peer }: ProducerConnection): FollowedProducer | undefined {
    const producer = this.producers.get(id);
    return producer?.epoch === epoch && producer.peer === peer ? producer : undefined;
  }

  private standingOf(connection: ProducerConnection): Standing {
    const { acked } = connection;
    const producer = this.producerOf(connection);
    return producer === undefined || acked > producer.received
      ? { received: acked, committed: acked }
      : producer;
  }

  /** How many numbers the producer says were acknowledged to it that this server does not know of its epoch. */
  private unknownBefore({ id, epoch, acked }: ProducerConnection): number {
    const known = this.producers.get(id);
    return known?.epoch === epoch ? Math.max(0, acked - known.received) : 0;
  }

  /**
   * Counts the waiting events themselves, not only their numbers: a HELLO can move the numbers and must not make room that way.
   */
  private hasRoomFor(connection: ProducerConnection, last: number, events: number, bytes: number): boolean {
    const { windowEvents, windowBytes } = this.options;
    const { committed } = this.standingOf(connection);
    const waiting = this.producerOf(connection)?.waiting;
    return (
      waiting === undefined ||
      waiting.batches === 0 ||
      (last <= committed + windowEvents &&
        waiting.events + events <= windowEvents &&
        waiting.bytes + bytes <= windowBytes)
    );
  }

  /** @returns the producer that this connection delivers for from now on; undefined when it must not. */
  private claim(connection: ProducerConnection): FollowedProducer | undefined {
    const { id, epoch, peer, acked } = connection;
    let producer = this.producers.get(id);
    if (producer === undefined) {
      if (!this.makeRoom()) {
        return undefined;
      }
      producer = newProducer(id, epoch, acked);
      this.producers.set(id, producer);
    } else if (producer.epoch !== epoch) {
      if (producer.peer !== undefined || producer.earlierBatches > 0) {
        return undefined;
      }
      beginEpoch(producer, connection);
    } else if (acked > producer.received) {
      producer.received = acked;
      producer.committed = acked;
    }
    producer.peer = peer;
    return producer;
  }

  /** An instance has one connection at a time, and so has an epoch: a late batch over another connection must not be taken. */
  private endEarlier(peer: string, { id, epoch, instance }: ProducerGreeting): void {
    for (const other of this.connections.values()) {
      if (other.id === id && (other.peer === peer || other.instance === instance || other.epoch === epoch)) {
        this.leave(other.peer);
      }
    }
  }

  private grantFor(connection: ProducerConnection, session: string): SessionGrant {
    const { received, committed } = this.standingOf(connection);
    const { windowEvents, windowBytes } = this.options;
    return { session, acked: committed, received, window: windowEvents, windowBytes };
  }

  /**
   * When there is no room, this ends the connection with the oldest HELLO of those that have delivered nothing for their epoch.
   */
  private makeRoomToConnect(): boolean {
    if (this.connections.size < this.options.maxProducers) {
      return true;
    }
    for (const connection of this.connections.values()) {
      if (this.producerOf(connection) === undefined) {
        this.leave(connection.peer);
        return true;
      }
    }
    return false;
  }

  private canFollow(id: string): boolean {
    return (
      this.producers.has(id) ||
      this.producers.size < this.options.maxProducers ||
      this.findForgettable() !== undefined
    );
  }

  /** @returns whether there is room for one more producer now. */
  private makeRoom(): boolean {
    if (this.producers.size < this.options.maxProducers) {
      return true;
    }
    const away = this.findForgettable();
    if (away === undefined) {
      return false;
    }
    this.producers.delete(away);
    this.forgottenProducers.push(away);
    return true;
  }

  private findForgettable(): string | undefined {
    for (const { id, peer, waiting, earlierBatches } of this.producers.values()) {
      if (peer === undefined && waiting.batches + earlierBatches === 0) {
        return id;
      }
    }
    return undefined;
  }

  /** The producer with the most failures loses some, so that no producer can push out what others wait for. */
  private boundFailures(): void {
    for (let excess = this.keptFailures - MAX_KEPT_FAILURES; excess > 0;) {
      const [first, ...others] = this.producers.values();
      const most = others.reduce((one, other) => (keptOf(other) > keptOf(one ?? other) ? other : one), first);
      if (most === undefined) {
        return;
      }
      const lost = Math.min(excess, keptOf(most));
      // The producer has probably heard of those that an ACK named.
      const fromNamed = most.namedFailures.splice(0, lost).length;
      most.failures.splice(most.failures.length - (lost - fromNamed));
      this.failuresGivenUp += lost - fromNamed;
      excess -= lost;
    }
  }
}
