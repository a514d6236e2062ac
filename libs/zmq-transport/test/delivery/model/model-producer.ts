import { ProducerSession } from '../../../src/acknowledged/producer/producer-session.js';
import type { SpooledBatch } from '@app/transport-core';
import type { ProducerGreeting } from '../../../src/wire/greeting.js';
import { must } from './explorer.js';
import type { ToClient, ToServer } from './model-messages.js';
import { ModelSpool } from './model-spool.js';
import { freshName } from './state-graph.js';

export interface ProducerRules {
  readonly id: string;
  readonly epoch: string;
  /** Whether its spool outlives it. */
  readonly isDurable: boolean;
  /** Events in each of the batches it will append. */
  readonly batches: readonly number[];
  readonly makeSession: (spool: ModelSpool) => ProducerSession;
  /** Of a durable producer's first process; a later one opens what that left. */
  readonly makeSpool?: (epoch: string) => ModelSpool;
}

/** One connection: what is in flight each way, oldest first. */
export interface Connection {
  readonly peer: string;
  readonly toServer: ToServer[];
  readonly toClient: ToClient[];
}

/** What becomes of that which was in flight when a connection is lost. */
export type Leftovers = 'lost' | 'carried' | 'late';

/** A client with its producer's session, its spool, and its end of the network. It does what OutboundDelivery and DealerLane do. */
export class ModelProducer {
  spool: ModelSpool;
  session: ProducerSession;
  instance = freshName('I');
  appended = 0;
  lives = 1;
  connection: Connection | undefined;
  /** libzmq has taken it and keeps it for the next connection. */
  private carried: ToServer[] = [];
  /** Of an earlier connection, and not read yet. */
  late: ToClient[] = [];
  isRefused = false;
  hasLeft = false;
  /** Who waits for an event up to here was told. */
  toldThrough = 0;
  /** Events that waiters were told have failed. */
  readonly toldFailed = new Set<number>();
  /** Events that this producer promised to bring over: `epoch/number`. */
  readonly promised = new Set<string>();
  /** Events it gave up again, before they were sent. */
  readonly givenUp = new Set<string>();

  constructor(readonly rules: ProducerRules) {
    this.spool = rules.makeSpool?.(rules.epoch) ?? new ModelSpool(rules.epoch, rules.isDurable);
    this.session = rules.makeSession(this.spool);
  }

  append(): void {
    const count = this.rules.batches[this.appended] ?? 1;
    const { batch } = this.spool.append({
      count,
      payload: Buffer.alloc(count, 'x'),
      bytes: count,
      acceptedAtSeconds: 0,
    });
    this.appended += 1;
    if (!this.rules.isDurable) {
      this.onStored(batch);
    }
  }

  onStored(batch: SpooledBatch | undefined): void {
    if (batch !== undefined) {
      for (const event of eventsOf(this.spool.epoch, batch)) {
        this.promised.add(event);
      }
      this.session.onStored(batch.first + batch.count - 1);
    }
  }

  dropOldest(): void {
    const batch = this.spool.dropOldestFrom(this.session.firstUnsent);
    for (const event of batch === undefined ? [] : eventsOf(this.spool.epoch, batch)) {
      this.givenUp.add(event);
    }
  }

  connect(): void {
    this.connection = { peer: freshName('C'), toServer: this.carried, toClient: [] };
    this.carried = [];
    this.isRefused = false;
    this.sayHello();
  }

  sayHello(): void {
    this.session.close();
    const { id } = this.rules;
    const greeting: ProducerGreeting = {
      id,
      epoch: this.spool.epoch,
      instance: this.instance,
      acked: this.session.acked,
    };
    this.connection?.toServer.push(Object.freeze({ kind: 'hello', greeting: Object.freeze(greeting) }));
  }

  /** @returns the connection that is no more */
  disconnect(leftovers: Leftovers): Connection | undefined {
    const lost = this.connection;
    this.connection = undefined;
    this.session.close();
    if (lost !== undefined) {
      this.carried = leftovers === 'carried' ? lost.toServer : [];
      this.late = leftovers === 'late' ? lost.toClient : [];
    }
    return lost;
  }

  /** The process dies and another one begins. */
  crash(): void {
    this.disconnect('lost');
    this.late = [];
    this.carried = [];
    this.lives += 1;
    this.instance = freshName('I');
    this.isRefused = false;
    this.spool = this.rules.isDurable
      ? this.spool.reopened()
      : new ModelSpool(`${this.rules.epoch}${this.lives}`, false);
    if (!this.rules.isDurable) {
      // They were promised for as long as this process lives.
      this.promised.clear();
    }
    for (const batch of this.spool.batches) {
      // Stored, though nobody was told.
      eventsOf(this.spool.epoch, batch).forEach((event) => this.promised.add(event));
    }
    this.session = this.rules.makeSession(this.spool);
    // Whoever waited died with the process.
    this.toldThrough = 0;
    this.toldFailed.clear();
  }

  get canSend(): boolean {
    return this.connection !== undefined && this.session.isOpen;
  }

  /** @returns whether there was something to send */
  send(): boolean {
    const next = this.canSend ? this.session.next() : undefined;
    if (next === undefined) {
      return false;
    }
    const { header, batch } = next;
    const message = Object.freeze({ kind: 'deliver', header: Object.freeze(header), bytes: batch.bytes });
    this.connection?.toServer.push(message);
    return true;
  }

  receive(message: ToClient): void {
    switch (message.kind) {
      case 'ready':
        this.isRefused = false;
        must(this.session.onReady(message.grant), 'an honest server is not believed');
        break;
      case 'ack':
        if (this.session.onAck(message.ack)) {
          message.failures.forEach(({ sequence }) => this.toldFailed.add(sequence));
          this.toldThrough = Math.max(this.toldThrough, message.ack.sequence);
        }
        break;
      case 'resync':
        if (this.session.onResync(message.session)) {
          this.sayHello();
        }
        break;
      case 'refused':
        this.isRefused = true;
    }
    must(this.session.acked < this.spool.nextSequence, 'more is acknowledged than there is');
  }

  get isDone(): boolean {
    return this.spool.batches.length === 0;
  }
}

/** Names of a batch's events. */
export function eventsOf(
  epoch: string,
  { first, count, skip = 0 }: { readonly first: number; readonly count: number; readonly skip?: number },
): string[] {
  return Array.from({ length: count - skip }, (_, n) => `${epoch}/${first + skip + n}`);
}
