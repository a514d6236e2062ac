import { must, type Explorable } from './explorer.js';
import { ModelConsumer, type ConsumerRules, type Network } from './model-consumer.js';
import type { ToClient } from './model-messages.js';
import { type Connection, type Leftovers, ModelProducer, type ProducerRules } from './model-producer.js';
import { constant, freshName } from './state-graph.js';

/** How often something may go wrong. */
export interface Faults {
  readonly disconnects: number;
  readonly greetings: number;
  readonly producerCrashes: number;
  readonly consumerCrashes: number;
  readonly handlerFailures: number;
  readonly storeFailures: number;
  readonly drops: number;
  /** DELIVERs and ACKs that vanish within a connection, which TCP never does. */
  readonly losses: number;
  /** HELLOs of a stranger, who says nothing else and stays connected. */
  readonly strangers: number;
}

export interface WorldRules {
  readonly producers: readonly ProducerRules[];
  readonly consumer: ConsumerRules;
  readonly faults: Partial<Faults>;
  /** What may become of what was in flight when a connection is lost. */
  readonly leftovers: readonly Leftovers[];
  /** The second producer has the id of the first; the first leaves for good at some time. */
  readonly isRivalry?: boolean;
}

/** How the names of steps begin that an undisturbed world would not take. */
const FAULTS = [
  'not stored',
  'drop',
  'crash',
  'cut',
  'greet',
  'lose',
  'leave',
  'fails',
  'what is left is lost',
  'stranger',
];
/** Steps in which everything has to be done once nothing goes wrong any more. */
const MAX_FINISHING_STEPS = 2000;
const NO_FAULTS: Faults = {
  disconnects: 0,
  greetings: 0,
  producerCrashes: 0,
  consumerCrashes: 0,
  handlerFailures: 0,
  storeFailures: 0,
  drops: 0,
  losses: 0,
  strangers: 0,
};

/** Producers, a consumer and the network between them. Every step is one that the real ones could do next. */
export class ModelWorld implements Explorable, Network {
  private readonly producers: ModelProducer[];
  private readonly consumer: ModelConsumer;
  private readonly left: { -readonly [Name in keyof Faults]: Faults[Name] };
  /** Connections that are no more and whose last messages the server has not read. */
  private lingering: { readonly peer: string; readonly toServer: ModelMessages }[] = [];
  /** Connections of strangers, the newest last. */
  private readonly strangers: string[] = [];

  constructor(private readonly rules: WorldRules) {
    this.producers = rules.producers.map((one) => new ModelProducer(one));
    this.consumer = new ModelConsumer(rules.consumer);
    this.left = { ...NO_FAULTS, ...rules.faults };
    constant(rules);
  }

  steps(): string[] {
    const steps = this.producers.flatMap((producer, n) =>
      [...this.stepsOf(producer), ...this.faultsOf(producer)].map((step) => `${n} ${step}`),
    );
    if (this.lingering.length > 0) {
      steps.push('- the server reads what is left', '- what is left is lost');
    }
    steps.push(...this.consumer.startable().map((id) => `- start ${id}`));
    if (this.consumer.running.length > 0) {
      steps.push('- handled');
      if (this.left.handlerFailures > 0) steps.push('- fails');
    }
    if (this.consumer.hasUndurable) steps.push('- durable');
    if (this.left.consumerCrashes > 0) steps.push('- crash', '- crash, carried');
    if (this.left.strangers > 0) {
      steps.push('- stranger known', '- stranger new');
      if (this.strangers.length > 0) steps.push('- stranger known again', '- stranger new again');
    }
    return steps;
  }

  take(step: string): void {
    const [who = '', ...words] = step.split(' ');
    const what = words.join(' ');
    const producer = this.producers[Number(who)];
    if (producer === undefined) {
      this.takeOfConsumer(what, words[1] ?? '');
    } else {
      this.takeOf(producer, what);
      if (this.left.producerCrashes === 0) {
        // Only a later process could tell what the disk still holds.
        producer.spool.settle();
      }
    }
    this.check();
  }

  finish(): void {
    for (let n = 0; n < MAX_FINISHING_STEPS; n += 1) {
      const step = this.nextGoodStep();
      if (step === undefined) {
        must(this.isDone, `it cannot go on: ${this.describe()}`);
        return;
      }
      this.take(step);
    }
    must(false, `it goes on for ever: ${this.describe()}`);
  }

  answer(peer: string, message: ToClient): boolean {
    const connection = this.producers.find((one) => one.connection?.peer === peer)?.connection;
    connection?.toClient.push(message);
    return connection !== undefined || this.strangers.includes(peer);
  }

  isThere(peer: string): boolean {
    return (
      this.strangers.includes(peer) || this.producers.some(({ connection }) => connection?.peer === peer)
    );
  }

  private stepsOf(producer: ModelProducer): string[] {
    if (producer.hasLeft) {
      return [];
    }
    const { connection, spool, session } = producer;
    const steps: string[] = [];
    if (producer.appended < producer.rules.batches.length) steps.push('append');
    if (spool.unstored.length > 0) steps.push('stored');
    if (!spool.isSettled) steps.push('settle');
    if (connection === undefined) {
      steps.push('connect');
    } else {
      if (session.isOpen && producer.session.eventsOnTheWay <= producer.session.window) steps.push('send');
      if (connection.toServer.length > 0) steps.push('reach');
      // What is late was in libzmq's pipe before.
      if (connection.toClient.length > 0 && producer.late.length === 0) steps.push('hear');
      if (producer.isRefused) steps.push('ask again');
    }
    if (producer.late.length > 0) steps.push('hear late');
    return steps;
  }

  private faultsOf(producer: ModelProducer): string[] {
    if (producer.hasLeft) {
      return [];
    }
    const { connection, spool, session } = producer;
    const { left, rules } = this;
    const steps: string[] = [];
    if (left.storeFailures > 0 && spool.unstored.length > 0) steps.push('not stored');
    if (left.drops > 0 && spool.readFrom(session.firstUnsent) !== undefined) steps.push('drop');
    if (left.producerCrashes > 0 && producer.appended > 0) steps.push('crash');
    if (connection !== undefined) {
      if (left.disconnects > 0) steps.push(...rules.leftovers.map((what) => `cut ${what}`));
      if (left.greetings > 0) steps.push('greet');
      if (left.losses > 0 && connection.toServer[0]?.kind === 'deliver') steps.push('lose there');
      if (left.losses > 0 && connection.toClient[0]?.kind === 'ack') steps.push('lose back');
    }
    if (rules.isRivalry === true && producer === this.producers[0]) steps.push('leave');
    return steps;
  }

  private takeOf(producer: ModelProducer, what: string): void {
    const { connection, late, spool } = producer;
    switch (what) {
      case 'append':
        return producer.append();
      case 'stored':
        return producer.onStored(spool.store());
      case 'not stored':
        this.left.storeFailures -= 1;
        spool.failToStore();
        return;
      case 'settle':
        return spool.settle();
      case 'connect':
        return producer.connect();
      case 'send':
        producer.send();
        return;
      case 'reach':
        return this.reach(connection);
      case 'hear':
        return hear(producer, connection?.toClient);
      case 'hear late':
        return hear(producer, late);
      case 'ask again':
        producer.isRefused = false;
        return producer.sayHello();
      case 'drop':
        this.left.drops -= 1;
        return producer.dropOldest();
      case 'greet':
        this.left.greetings -= 1;
        return producer.sayHello();
      case 'lose there':
        this.left.losses -= 1;
        connection?.toServer.shift();
        return;
      case 'lose back':
        this.left.losses -= 1;
        connection?.toClient.shift();
        return;
      case 'crash':
        this.left.producerCrashes -= 1;
        this.lingerAfter(connection, 'late');
        return producer.crash();
      case 'leave':
        producer.hasLeft = true;
        producer.promised.clear();
        this.lingerAfter(producer.disconnect('late'), 'late');
        return;
      default:
        this.left.disconnects -= 1;
        this.cut(producer, what.slice(4) as Leftovers);
    }
  }

  private takeOfConsumer(what: string, id: string): void {
    const [first] = this.lingering;
    switch (what) {
      case 'the server reads what is left':
        this.reach(first);
        this.lingering = this.lingering.filter(({ toServer }) => toServer.length > 0);
        return;
      case 'what is left is lost':
        this.lingering.shift();
        return;
      case 'handled':
        return this.consumer.end(false, this);
      case 'fails':
        this.left.handlerFailures -= 1;
        return this.consumer.end(true, this);
      case 'durable':
        return this.consumer.makeDurable(this);
      case 'crash':
      case 'crash, carried':
        this.left.consumerCrashes -= 1;
        this.consumer.crash();
        for (const producer of this.producers) {
          producer.disconnect(what === 'crash' ? 'lost' : 'carried');
        }
        this.lingering = [];
        this.strangers.length = 0;
        return;
      case 'stranger known':
      case 'stranger new':
      case 'stranger known again':
      case 'stranger new again':
        this.left.strangers -= 1;
        return this.sayAsStranger(id === 'known', what.endsWith('again'));
      default:
        return this.consumer.start(id);
    }
  }

  /** @param knowsId whether it names the first producer; it does not know that one's epoch */
  private sayAsStranger(knowsId: boolean, overSameConnection: boolean): void {
    const peer = (overSameConnection ? this.strangers.at(-1) : undefined) ?? freshName('C');
    if (!this.strangers.includes(peer)) {
      this.strangers.push(peer);
    }
    const known = this.rules.producers[0]?.id ?? '';
    const id = knowsId ? known : `stranger ${this.left.strangers}`;
    const greeting = { id, epoch: 'X', instance: freshName('I'), acked: 0 };
    this.consumer.hearStranger(peer, Object.freeze(greeting), this);
  }

  private cut(producer: ModelProducer, leftovers: Leftovers): void {
    this.lingerAfter(producer.disconnect(leftovers), leftovers);
  }

  /** A server reads what came over a connection before its end; not for ever: see the model's bounds in the spec. */
  private lingerAfter(
    lost: { readonly peer: string; readonly toServer: ModelMessages } | undefined,
    leftovers: Leftovers,
  ): void {
    const isLeft = lost !== undefined && leftovers === 'late' && lost.toServer.length > 0;
    this.lingering = isLeft ? [{ peer: lost.peer, toServer: lost.toServer }] : [];
  }

  private reach(from: { readonly peer: string; readonly toServer: ModelMessages } | undefined): void {
    const message = from?.toServer.shift();
    if (from !== undefined && message !== undefined) {
      this.consumer.receive(from.peer, message, this);
    }
  }

  /** The first thing that an undisturbed world would do next; undefined when nothing is left to do. */
  private nextGoodStep(): string | undefined {
    const [left] = this.lingering;
    if (left !== undefined) {
      return '- the server reads what is left';
    }
    for (const [n, producer] of this.producers.entries()) {
      const before = producer.session.eventsOnTheWay;
      const can = this.stepsOf(producer).find((step) => step !== 'send' && step !== 'ask again');
      if (can !== undefined) {
        return `${n} ${can}`;
      }
      if (producer.send()) {
        must(producer.session.eventsOnTheWay > before, 'what is sent is not on the way');
        return `${n} reach`;
      }
    }
    const [start] = this.consumer.startable();
    if (start !== undefined) return `- start ${start}`;
    if (this.consumer.running.length > 0) return '- handled';
    if (this.consumer.hasUndurable) return '- durable';
    return this.nextQuestion();
  }

  /** What a producer does when it has waited for long: it asks whether the server still knows of it. */
  private nextQuestion(): string | undefined {
    const { producers } = this;
    const waiting = producers.findIndex((one) => one.session.hasSomethingOnTheWay && !one.isDone);
    if (waiting !== -1) {
      this.left.greetings += 1;
      return `${waiting} greet`;
    }
    const isAlone = producers[0]?.hasLeft === true || this.rules.isRivalry !== true;
    const refused = producers.findIndex(({ isRefused }) => isRefused);
    return refused !== -1 && isAlone ? `${refused} ask again` : undefined;
  }

  isFault(step: string): boolean {
    const what = step.slice(2);
    return FAULTS.some((fault) => what.startsWith(fault));
  }

  get isDone(): boolean {
    return this.producers.every((one) => {
      const hasBroughtAll = one.appended === one.rules.batches.length && one.isDone;
      return one.hasLeft || hasBroughtAll || (one.isRefused && this.isOccupied);
    });
  }

  private get isOccupied(): boolean {
    return this.rules.isRivalry === true && this.producers[0]?.hasLeft === false;
  }

  private describe(): string {
    return this.producers
      .map(
        ({ spool, session, isRefused }, n) =>
          `${n}: ${spool.batches.length} batches left, ${session.eventsOnTheWay} on the way, ` +
          `window ${session.window}${isRefused ? ', refused' : ''}`,
      )
      .join('; ');
  }

  /** What holds in every state. */
  private check(): void {
    const { consumer } = this;
    const safe = consumer.rules.hasLedger ? consumer.safeCounts : consumer.everHandled;
    for (const { spool, promised, givenUp, toldThrough, toldFailed } of this.producers) {
      for (const event of promised) {
        must(
          safe.has(event) || givenUp.has(event) || spool.holds(event),
          `${event} was let go of and is not handled`,
        );
      }
      for (const event of givenUp) {
        must(!consumer.everHandled.has(event), `${event} was given up and is handled all the same`);
      }
      for (const event of consumer.failed) {
        const [epoch, number] = event.split('/');
        const isTold = epoch !== spool.epoch || Number(number) > toldThrough;
        must(isTold || toldFailed.has(Number(number)), `the caller of ${event} does not hear that it failed`);
      }
    }
  }
}

type ModelMessages = Connection['toServer'];

function hear(producer: ModelProducer, messages: ToClient[] | undefined): void {
  const message = messages?.shift();
  if (message !== undefined) {
    producer.receive(message);
  }
}
