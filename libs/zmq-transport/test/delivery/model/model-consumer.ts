import type { DeliveryPosition } from '@app/transport-core';
import type { ConsumerSessions } from '../../../src/acknowledged/consumer/consumer-sessions.js';
import type { ReceivedBatch } from '../../../src/acknowledged/consumer/followed-producer.js';
import type { ProducerGreeting } from '../../../src/wire/greeting.js';
import { must } from './explorer.js';
import type { ToClient, ToServer } from './model-messages.js';
import { eventsOf } from './model-producer.js';

export interface ConsumerRules {
  readonly hasLedger: boolean;
  readonly windowEvents: number;
  /** A DELIVER of an honest producer may be lost within a connection, which TCP never does. */
  readonly isLossy: boolean;
  readonly makeSessions: () => ConsumerSessions;
  /** Known bug for the checker to find: the position is kept before the handlers have ended. */
  readonly commitsEarly?: boolean;
}

/** What the handlers changed: how often each event was counted. */
type Counts = Map<string, number>;

interface Commit {
  readonly position: DeliveryPosition;
  readonly batch: ReceivedBatch;
  readonly counts: Counts;
}

/** How the server reaches a peer. */
export interface Network {
  /** @returns false when nobody is there */
  answer(peer: string, message: ToClient): boolean;
  isThere(peer: string): boolean;
}

/** A server with its sessions, its handlers and its ledger. It does what AcknowledgedConsumer and BatchRunner do. */
export class ModelConsumer {
  sessions: ConsumerSessions;
  counts: Counts = new Map();
  /** Events that were handled in whatever life, with or without a ledger. */
  readonly everHandled = new Set<string>();
  /** Events whose handler failed for good, in this life. */
  readonly failed = new Set<string>();
  running: ReceivedBatch[] = [];
  private commits: Commit[] = [];
  private durable: { counts: Counts; positions: Map<string, DeliveryPosition> } = {
    counts: new Map(),
    positions: new Map(),
  };
  /** By producer: what was acknowledged last, and in which session. */
  private readonly acked = new Map<string, { readonly session: string; readonly sequence: number }>();
  /** By producer: whose batch was taken last. */
  private readonly occupants = new Map<string, { readonly peer: string; readonly instance: string }>();
  /** By peer: what it said of itself, where it was welcome. */
  private readonly greeted = new Map<string, { readonly epoch: string; readonly instance: string }>();
  /** By producer and epoch: what was received and is not acknowledged. */
  private readonly waiting = new Map<string, { readonly events: number; readonly batches: number }>();
  lives = 1;

  constructor(readonly rules: ConsumerRules) {
    this.sessions = rules.makeSessions();
  }

  get hasUndurable(): boolean {
    return this.commits.length > 0;
  }

  /** What would be left of the events if this process died now. */
  get safeCounts(): ReadonlyMap<string, number> {
    return this.rules.hasLedger ? this.durable.counts : this.counts;
  }

  receive(peer: string, message: ToServer, network: Network): void {
    if (message.kind === 'hello') {
      this.greet(peer, message, network);
      return;
    }
    const { header, bytes } = message;
    const id = this.sessions.producerAt(peer);
    const receipt = this.sessions.receive(peer, header, Buffer.alloc(bytes, 'x'), 0);
    this.sessions.takeForgotten().forEach((forgotten) => this.durable.positions.delete(forgotten));
    if (receipt === 'queued' && id !== undefined) {
      this.take(peer, id, header.count, network);
    } else if (receipt === 'duplicate') {
      this.acknowledge(peer, network);
    } else if (receipt === 'resync' && id !== undefined) {
      must(
        this.rules.isLossy || this.wasTakenByAnother(peer, id),
        'an honest producer is told that its session cannot go on',
      );
      this.say(peer, { kind: 'resync', session: header.session }, network);
    } else if (receipt === 'stale' && id === undefined) {
      this.say(peer, { kind: 'resync', session: header.session }, network);
    }
  }

  /** A stranger says HELLO, and nothing else ever. What it is told is of no interest. */
  hearStranger(peer: string, greeting: ProducerGreeting, network: Network): void {
    const before = this.durable.positions.size;
    this.greet(peer, { greeting }, network);
    this.sessions.takeForgotten().forEach((forgotten) => this.durable.positions.delete(forgotten));
    must(this.durable.positions.size === before, 'a HELLO takes a position from the ledger');
  }

  private take(peer: string, id: string, events: number, network: Network): void {
    must(
      !this.isTakenByAnother(peer, id, network),
      'a second instance is welcome while the first is connected',
    );
    const { epoch = '', instance = '' } = this.greeted.get(peer) ?? {};
    this.occupants.set(id, { peer, instance });
    const waiting = this.wait(id, epoch, events, 1);
    must(waiting.batches === 1 || waiting.events <= this.rules.windowEvents, 'the window is exceeded');
  }

  /** Whether another instance delivers under this id and is connected. */
  private isTakenByAnother(peer: string, id: string, network: Network): boolean {
    return this.wasTakenByAnother(peer, id) && network.isThere(this.occupants.get(id)?.peer ?? '');
  }

  private wasTakenByAnother(peer: string, id: string): boolean {
    const occupant = this.occupants.get(id);
    return occupant !== undefined && occupant.instance !== this.greeted.get(peer)?.instance;
  }

  /** Producers with a batch that may be handled now. */
  startable(): string[] {
    if (this.rules.hasLedger && this.running.length > 0) {
      return [];
    }
    return this.sessions
      .producersWithWork()
      .filter((id) => !this.running.some(({ producer }) => producer === id));
  }

  start(producer: string): void {
    const batch = this.sessions.nextOf(producer);
    if (batch !== undefined) {
      this.running.push(batch);
      if (this.rules.commitsEarly === true) {
        this.keep(this.sessions.handled(batch, []), batch);
      }
    }
  }

  /** The handlers of the oldest running batch end; the first event fails when `fails`. */
  end(fails: boolean, network: Network): void {
    const batch = this.running.shift();
    if (batch === undefined) {
      return;
    }
    for (const event of eventsOf(batch.epoch, batch)) {
      this.counts.set(event, (this.counts.get(event) ?? 0) + 1);
      this.everHandled.add(event);
      must(this.counts.get(event) === 1, `${event} is applied twice`);
    }
    const sequence = batch.first + batch.skip;
    if (fails) {
      this.failed.add(`${batch.epoch}/${sequence}`);
    }
    if (this.rules.commitsEarly === true) {
      return;
    }
    const failures = fails ? [{ sequence, reason: 'handler_failed', detail: '' }] : [];
    this.keep(this.sessions.handled(batch, failures), batch);
    if (!this.rules.hasLedger) {
      this.makeDurable(network);
    }
  }

  private wait(
    id: string,
    epoch: string,
    events: number,
    batches: number,
  ): { readonly events: number; readonly batches: number } {
    const key = `${id}/${epoch}`;
    const before = this.waiting.get(key);
    const after = { events: (before?.events ?? 0) + events, batches: (before?.batches ?? 0) + batches };
    if (after.batches === 0) {
      this.waiting.delete(key);
    } else {
      this.waiting.set(key, after);
    }
    return after;
  }

  private keep(position: DeliveryPosition, batch: ReceivedBatch): void {
    this.commits.push({ position, batch, counts: new Map(this.counts) });
  }

  /** The oldest commit is on the disk. */
  makeDurable(network: Network): void {
    const commit = this.commits.shift();
    if (commit === undefined) {
      return;
    }
    const { position, counts, batch } = commit;
    const known = this.durable.positions.get(position.producer);
    must(
      known?.epoch !== position.epoch || known.sequence < position.sequence,
      `the position of ${position.producer} goes back`,
    );
    this.durable = { counts, positions: new Map(this.durable.positions).set(position.producer, position) };
    this.wait(position.producer, position.epoch, -batch.count, -1);
    const peer = this.sessions.committed(position, batch);
    if (peer !== undefined) {
      this.acknowledge(peer, network);
    }
  }

  /** The process dies and another one begins. */
  crash(): void {
    this.lives += 1;
    this.running = [];
    this.commits = [];
    this.failed.clear();
    this.acked.clear();
    this.greeted.clear();
    this.occupants.clear();
    this.waiting.clear();
    this.sessions = this.rules.makeSessions();
    if (!this.rules.hasLedger) {
      this.durable = { counts: new Map(), positions: new Map() };
    }
    this.counts = new Map(this.durable.counts);
    this.sessions.restore([...this.durable.positions.values()]);
  }

  private greet(peer: string, { greeting }: { readonly greeting: ProducerGreeting }, network: Network): void {
    let welcome = this.sessions.greet(peer, greeting);
    if (welcome.kind === 'occupied') {
      if (network.isThere(welcome.peer)) {
        this.say(peer, { kind: 'refused' }, network);
        return;
      }
      this.sessions.leave(welcome.peer);
      welcome = this.sessions.greet(peer, greeting);
    }
    if (welcome.kind !== 'granted') {
      this.say(peer, { kind: 'refused' }, network);
      return;
    }
    const { grant } = welcome;
    this.greeted.set(peer, { epoch: greeting.epoch, instance: greeting.instance });
    must(grant.acked <= grant.received, 'more is acknowledged than received');
    this.say(peer, { kind: 'ready', grant: Object.freeze(grant) }, network);
    this.acknowledge(peer, network);
  }

  private acknowledge(peer: string, network: Network): void {
    const due = this.sessions.ackOf(peer);
    if (due === undefined) {
      return;
    }
    const { ack, failures } = due;
    this.checkAck(peer, ack.session, ack.sequence);
    this.say(peer, { kind: 'ack', ack: Object.freeze(ack), failures: Object.freeze(failures) }, network);
    this.sessions.acknowledged(peer, ack.sequence);
  }

  private checkAck(peer: string, session: string, sequence: number): void {
    const id = this.sessions.producerAt(peer) ?? '';
    const before = this.acked.get(id);
    must(before?.session !== session || sequence >= before.sequence, 'an acknowledgement goes back');
    this.acked.set(id, { session, sequence });
    const next = this.sessions.nextOf(id);
    must(
      next === undefined || next.epoch !== this.greeted.get(peer)?.epoch || sequence < next.first,
      'an event is acknowledged whose handler has not ended',
    );
  }

  private say(peer: string, message: ToClient, network: Network): void {
    if (!network.answer(peer, Object.freeze(message))) {
      this.sessions.leave(peer);
      this.greeted.delete(peer);
    }
  }
}
