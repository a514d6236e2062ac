import type { DeliveryFailure } from '@app/transport-core';
import {
  ConsumerSessions,
  type Receipt,
  type Welcome,
} from '../../../src/acknowledged/consumer/consumer-sessions.js';
import { ProducerSession } from '../../../src/acknowledged/producer/producer-session.js';
import type { AckHeader, DeliverHeader } from '../../../src/wire/frames.js';
import type { ProducerGreeting, SessionGrant } from '../../../src/wire/greeting.js';
import { ModelSpool } from './model-spool.js';

/** Machines with one known bug each: a checker that does not find it checks nothing. */

/** Lets go of what was received, where only what was handled is safe. */
export class ReleasesReceived extends ProducerSession {
  override onReady(grant: SessionGrant): boolean {
    const isGood = super.onReady(grant);
    super.onAck({ session: grant.session, sequence: grant.received, window: grant.window });
    return isGood;
  }
}

/** Lets go of what READY says is handled, and so hears no ACK that names the failures. */
export class ReleasesOnReady extends ProducerSession {
  override onReady(grant: SessionGrant): boolean {
    const isGood = super.onReady(grant);
    super.onAck({ session: grant.session, sequence: grant.acked, window: grant.window });
    return isGood;
  }
}

/** Sends what is not stored; see {@link ReusesNumbers}. */
export class SendsUnstored extends ProducerSession {
  override next(): ReturnType<ProducerSession['next']> {
    super.onStored(Number.MAX_SAFE_INTEGER);
    return super.next();
  }
}

/** Gives the numbers of what a crash took with it to others. */
export class ReusesNumbers extends ModelSpool {
  override reopened(): ModelSpool {
    const spool = super.reopened();
    const last = spool.batches.at(-1);
    spool.nextSequence = last === undefined ? 1 : last.first + last.count;
    return spool;
  }
}

/** Gives up what is on its way. */
export class DropsSent extends ProducerSession {
  override get firstUnsent(): number {
    return 1;
  }
}

/** Believes that the window has no end. */
export class IgnoresWindow extends ProducerSession {
  override onReady(grant: SessionGrant): boolean {
    return super.onReady({ ...grant, window: 1000 });
  }

  override onAck(ack: AckHeader): boolean {
    return super.onAck({ ...ack, window: 1000 });
  }
}

/** Takes a batch although the one before it is missing. */
export class IgnoresPrevious extends ConsumerSessions {
  override receive(peer: string, header: DeliverHeader, payload: Buffer, at: number): Receipt {
    return super.receive(peer, { ...header, previous: 0 }, payload, at);
  }
}

/** Takes what was sent in a session that has ended. */
export class AcceptsStale extends ConsumerSessions {
  override receive(peer: string, header: DeliverHeader, payload: Buffer, at: number): Receipt {
    const session = this.ackOf(peer)?.ack.session ?? header.session;
    return super.receive(peer, { ...header, session }, payload, at);
  }
}

/** Acknowledges what it has received. */
export class AcknowledgesReceived extends ConsumerSessions {
  private last = 0;

  override receive(peer: string, header: DeliverHeader, payload: Buffer, at: number): Receipt {
    const receipt = super.receive(peer, header, payload, at);
    this.last = receipt === 'queued' ? header.first + header.count - 1 : this.last;
    return receipt;
  }

  override ackOf(
    peer: string,
  ): { readonly ack: AckHeader; readonly failures: readonly DeliveryFailure[] } | undefined {
    const due = super.ackOf(peer);
    return due === undefined ? undefined : { ...due, ack: { ...due.ack, sequence: this.last } };
  }
}

/** Says in READY that nothing is in its queue, and takes what comes again. */
export class ForgetsTheQueue extends ConsumerSessions {
  override receive(peer: string, header: DeliverHeader, payload: Buffer, at: number): Receipt {
    const receipt = super.receive(peer, header, payload, at);
    if (receipt !== 'duplicate') {
      return receipt;
    }
    const again = { ...header, first: header.first + header.count, previous: 0 };
    return super.receive(peer, again, payload, at);
  }

  override greet(peer: string, greeting: ProducerGreeting): ReturnType<ConsumerSessions['greet']> {
    const welcome = super.greet(peer, greeting);
    return welcome.kind === 'granted'
      ? { ...welcome, grant: { ...welcome.grant, received: welcome.grant.acked } }
      : welcome;
  }
}

/** Names failures once, whether or not that is heard. */
export class NamesFailuresOnce extends ConsumerSessions {
  private readonly named = new Set<number>();

  override ackOf(peer: string): ReturnType<ConsumerSessions['ackOf']> {
    const due = super.ackOf(peer);
    const failures = due?.failures.filter(({ sequence }) => !this.named.has(sequence)) ?? [];
    failures.forEach(({ sequence }) => this.named.add(sequence));
    return due === undefined ? undefined : { ...due, failures };
  }
}

/** Lets a second instance in while the first is connected. */
export class WelcomesRivals extends ConsumerSessions {
  override greet(peer: string, greeting: ProducerGreeting): Welcome {
    return super.greet(peer, { ...greeting, instance: 'anybody' });
  }
}

/** Keeps the last event of each batch from being handled when it comes a second time. */
export class LosesRestored extends ConsumerSessions {
  override restore(positions: Parameters<ConsumerSessions['restore']>[0]): void {
    super.restore(positions.map((one) => ({ ...one, sequence: one.sequence + 1 })));
  }
}

/** Gives the position of a producer that is away to whoever says HELLO when there is no room, as version 0.1 did. */
export class ForgetsForAHello extends ConsumerSessions {
  override greet(peer: string, greeting: ProducerGreeting): Welcome {
    const { size } = this['producers'];
    if (!this['producers'].has(greeting.id) && size >= this['options'].maxProducers) {
      this['makeRoom']();
    }
    return super.greet(peer, greeting);
  }
}

/** Begins another epoch when a HELLO names one. */
export class ReplacesForAHello extends ConsumerSessions {
  override greet(peer: string, greeting: ProducerGreeting): Welcome {
    const welcome = super.greet(peer, greeting);
    const connection = this['connections'].get(peer);
    if (welcome.kind === 'granted' && connection !== undefined && this['producers'].has(greeting.id)) {
      const producer = this['claim'](connection);
      if (producer !== undefined) producer.peer = undefined;
    }
    return welcome;
  }
}

/** Takes a connection that has delivered nothing for the holder of its id. */
export class LetsTheIdleHold extends ConsumerSessions {
  override greet(peer: string, greeting: ProducerGreeting): Welcome {
    const rival = [...this['connections'].values()].find(
      (one) => one.id === greeting.id && one.peer !== peer && one.instance !== greeting.instance,
    );
    return rival === undefined ? super.greet(peer, greeting) : { kind: 'occupied', peer: rival.peer };
  }
}

/** Has no room for a producer while as many are connected, whatever those have delivered. */
export class LetsTheIdleStay extends ConsumerSessions {
  override greet(peer: string, greeting: ProducerGreeting): Welcome {
    return !this['connections'].has(peer) && this.connected >= this['options'].maxProducers
      ? { kind: 'refused', code: 'too_many_producers' }
      : super.greet(peer, greeting);
  }
}
