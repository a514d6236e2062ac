// Holds the simulation against a real nats-server and a real sidecar on this machine: two backlogs tell what events and messages
// cost, the simulation predicts how a third drains after a kill under load, and the sidecar does it.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import { connect } from '@nats-io/transport-node';
import { ROOT } from '../../scripts/lib/project.mjs';

/** @param {string} name of a module of the kit */
const kit = (name) => import(pathToFileURL(join(ROOT, 'dist', 'testing', 'testing', `${name}.js`)).href);
const { NatsServer } = /** @type {typeof import('../../testing/nats.js')} */ (await kit('nats'));
const { ProgramScope } = /** @type {typeof import('../../testing/program.js')} */ (await kit('program'));
const { scrape } = /** @type {typeof import('../../testing/samples.js')} */ (await kit('samples'));
const { startApp } = /** @type {typeof import('../../testing/stack.js')} */ (await kit('stack'));
const { freePorts } = /** @type {typeof import('../../testing/ports.js')} */ (await kit('ports'));

/** Linux counts processor time in hundredths of a second. */
const TICKS_PER_SECOND = 100;
const PARTITIONS = 8;
const UNCONFIRMED = 128;
const POLL_MS = 25;
const SLOT_MS = 10;
/** The part of a backlog that is timed: a new process is still slower before it, and few messages wait at the end. */
const TIMED_FROM = 0.45;
const TIMED_TO = 0.9;
/** The backlogs that give the costs; the one that is predicted lies between them. */
const FEW = { batch: 16, events: 800_000 };
const MANY = { batch: 256, events: 2_000_000 };
const PREDICTED_BATCH = 64;
/** Of what a sidecar handles alone. */
const PREDICTED_LOAD = 0.3;
const STEADY_SECONDS = 4;
/** Nobody starts a new sidecar for so long: what one poll more or less changes is little then. */
const DOWN_SECONDS = 3;
const TOLERANCE = 0.2;
const GIVE_UP_MS = 120_000;

/** @param {number} events */
function messageOf(events) {
  const trades = Array.from({ length: events }, (_, index) => ({
    type: 'trade',
    side: index % 2 === 0 ? 'buy' : 'sell',
    qty: index % 100,
    ts: Date.now() / 1000,
  }));
  return new TextEncoder().encode(JSON.stringify(trades));
}

/** A stream, and who publishes to it as any program may. */
class Feed {
  confirmed = 0;
  offered = 0;

  /**
   * @param {import('@nats-io/transport-node').NatsConnection} connection
   * @param {string} name
   */
  constructor(connection, name) {
    this.client = jetstream(connection);
    this.name = name;
    this.underWay = 0;
    this.messages = 0;
  }

  /** @param {number} batch */
  async send(batch) {
    const subject = `${this.name.toLowerCase()}.${this.messages % PARTITIONS}`;
    this.messages += 1;
    this.offered += batch;
    this.underWay += 1;
    await this.client.publish(subject, messageOf(batch), { timeout: GIVE_UP_MS });
    this.underWay -= 1;
    this.confirmed += batch;
  }

  /**
   * As fast as the server confirms.
   * @param {{ batch: number, events: number }} backlog
   */
  async fill({ batch, events }) {
    const lanes = Array.from({ length: UNCONFIRMED }, async () => {
      while (this.offered < events) await this.send(batch);
    });
    await Promise.all(lanes);
  }

  /**
   * Evenly, until it is stopped.
   * @param {number} batch
   * @param {number} eventsPerSecond
   * @param {AbortSignal} stop
   */
  async pace(batch, eventsPerSecond, stop) {
    const since = performance.now();
    const before = this.offered;
    /** @type {Promise<void>[]} */
    const sent = [];
    while (!stop.aborted) {
      const due = before + ((performance.now() - since) / 1000) * eventsPerSecond;
      while (this.offered < due) sent.push(this.send(batch));
      await sleep(SLOT_MS);
    }
    await Promise.all(sent);
  }
}

/** A sidecar on the stream, and what it has counted. */
class Counter {
  /**
   * @param {InstanceType<typeof ProgramScope>} scope
   * @param {string} natsUrl
   * @param {string} stream
   */
  constructor(scope, natsUrl, stream) {
    this.scope = scope;
    this.settings = {
      NATS_URL: natsUrl,
      NATS_STREAM: stream,
      NATS_PARTITIONS: String(PARTITIONS),
      LOG_LEVEL: 'warn',
    };
    this.url = '';
    this.program = undefined;
  }

  async start() {
    const [port = 0] = await freePorts(1);
    this.url = `http://127.0.0.1:${port}`;
    this.program = startApp(this.scope, 'sidecar', {
      ...this.settings,
      HOST: '127.0.0.1',
      PORT: String(port),
    });
  }

  /**
   * The sum of a metric's series; undefined while the sidecar does not answer.
   * @param {string} series their first letters
   */
  async sumOf(series) {
    try {
      let sum = 0;
      for (const [name, value] of await scrape(`${this.url}/metrics/`)) {
        if (name.startsWith(series)) sum += value;
      }
      return sum;
    } catch (error) {
      if (this.program?.isRunning !== true) throw error;
      return undefined;
    }
  }

  /**
   * @param {(applied: number) => boolean} isReached
   * @param {string} [series] what is looked at: what the partitions of this process have counted, unless it is named
   * @returns {Promise<{ atMs: number, applied: number }>} the first look for which it holds
   */
  async until(isReached, series = 'trades_total{') {
    const deadlineMs = performance.now() + GIVE_UP_MS;
    while (performance.now() < deadlineMs) {
      const askedMs = performance.now();
      const applied = await this.sumOf(series);
      // A busy sidecar answers late: it counted somewhere in between.
      const atMs = (askedMs + performance.now()) / 2;
      if (applied !== undefined && isReached(applied)) return { atMs, applied };
      await sleep(POLL_MS);
    }
    throw new Error(`the sidecar did not count on within ${GIVE_UP_MS / 1000} s:\n${this.program?.output}`);
  }

  async kill() {
    await this.program?.kill();
  }
}

/**
 * Processor time of a process so far, in seconds; 0 where the system does not tell it.
 * @param {number} pid
 */
function processorSeconds(pid) {
  if (!existsSync(`/proc/${pid}/stat`)) return 0;
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/**
 * Seconds that a message of a backlog takes, when messages always wait, and those of them that the sidecar's processor works; and how
 * much later than an old process a new one has done its first work.
 * @param {Ground} ground
 * @param {string} name
 * @param {{ batch: number, events: number }} backlog
 * @param {number} rate events a second that come meanwhile: who publishes and who stores them work on the same processors
 */
async function secondsPerMessage({ connection, scope, url }, name, backlog, rate) {
  const manager = await jetstreamManager(connection);
  await manager.streams.add({ name, subjects: [`${name.toLowerCase()}.*`], duplicate_window: 120e9 });
  const feed = new Feed(connection, name);
  await feed.fill(backlog);
  const counter = new Counter(scope, url, name);
  await counter.start();
  const begin = await counter.until((applied) => applied > 0);
  const stop = new AbortController();
  // As in the outage, whatever the backlog is of: each message costs those who share the processors.
  const feeding = feed.pace(PREDICTED_BATCH, rate, stop.signal);
  const first = await counter.until((applied) => applied > TIMED_FROM * backlog.events);
  const pid = counter.program?.pid ?? 0;
  const workedBefore = processorSeconds(pid);
  const last = await counter.until((applied) => applied > TIMED_TO * backlog.events);
  const worked = processorSeconds(pid) - workedBefore;
  stop.abort();
  await feeding;
  await counter.program?.stop();
  const messages = (last.applied - first.applied) / backlog.batch;
  const passed = (last.atMs - first.atMs) / 1000 / messages;
  const before = (first.applied - begin.applied) / backlog.batch;
  const warmUp = Math.max(0, (first.atMs - begin.atMs) / 1000 - before * passed);
  return { passed, worked: worked / messages, warmUp };
}

/**
 * What it costs to read an event again for the windows, of what handling it costs.
 * @param {Ground} ground
 * @param {string} name of a stream with a backlog of `MANY` that was handled in the last minutes
 * @param {number} handleSeconds what handling one of its messages takes
 */
async function measureRefill({ scope, url }, name, handleSeconds) {
  const counter = new Counter(scope, url, name);
  await counter.start();
  const window = 'trading_window_trades{side="all",window="5m"}';
  const first = await counter.until((read) => read > TIMED_FROM * MANY.events, window);
  const last = await counter.until((read) => read > TIMED_TO * MANY.events, window);
  await counter.program?.stop();
  return (((last.atMs - first.atMs) / 1000) * MANY.batch) / (last.applied - first.applied) / handleSeconds;
}

/**
 * How long a commit takes.
 * @param {import('@nats-io/transport-node').NatsConnection} connection
 */
async function commitSeconds(connection) {
  const bucket = await new Kvm(connection).create('commits');
  let revision = await bucket.put('position', '0');
  const times = [];
  for (let index = 0; index < 200; index += 1) {
    const sinceMs = performance.now();
    revision = await bucket.update('position', 'x'.repeat(2000), revision);
    times.push(performance.now() - sinceMs);
  }
  return (times.sort((a, b) => a - b)[100] ?? 0) / 1000;
}

/**
 * What a message and what an event costs, from messages of two sizes.
 * @param {number} few
 * @param {number} many
 */
function parts(few, many) {
  const event = Math.max(0, (many - few) / (MANY.batch - FEW.batch));
  return { event, message: Math.max(0, few - FEW.batch * event) };
}

/**
 * The costs of this machine at this moment. What a commit takes from the sidecar is in its messages.
 * @param {Ground} ground
 * @param {number} rate
 * @param {number} refillShare
 * @param {'before' | 'after'} when
 */
async function measureCosts(ground, rate, refillShare, when) {
  const few = await secondsPerMessage(ground, `FEW-${when}`, FEW, rate);
  const many = await secondsPerMessage(ground, `MANY-${when}`, MANY, rate);
  const passed = parts(few.passed, many.passed);
  const worked = parts(few.worked, many.worked);
  const warmUpSeconds = (few.warmUp + many.warmUp) / 2;
  console.log(
    `a sidecar's processor: ${us(worked.message)} a message and ${us(worked.event)} an event, ` +
      `and ${warmUpSeconds.toFixed(2)} s until it is warm`,
  );
  return {
    publishEventSeconds: 0,
    publishMessageSeconds: 0,
    storeEventSeconds: 0,
    storeMessageSeconds: 0,
    handleEventSeconds: passed.event,
    handleMessageSeconds: passed.message,
    refillShare,
    commitSeconds: 0,
    commitWaitSeconds: await commitSeconds(ground.connection),
    warmUpSeconds,
    // Half a MiB of messages.
    turnMessages: Math.max(1, Math.floor((512 * 1024) / messageOf(PREDICTED_BATCH).length)),
  };
}

/**
 * The mean of two measurements.
 * @param {Awaited<ReturnType<typeof measureCosts>>} one
 * @param {Awaited<ReturnType<typeof measureCosts>>} other
 */
function between(one, other) {
  const mean = (/** @type {keyof typeof one} */ key) => (one[key] + other[key]) / 2;
  return {
    ...one,
    handleEventSeconds: mean('handleEventSeconds'),
    handleMessageSeconds: mean('handleMessageSeconds'),
    commitWaitSeconds: mean('commitWaitSeconds'),
    warmUpSeconds: mean('warmUpSeconds'),
  };
}

/**
 * A steady load, a killed sidecar, another one: how long the backlog takes.
 * @param {Ground} ground
 * @param {number} rate
 */
async function measureOutage({ connection, scope, url }, rate) {
  const counter = new Counter(scope, url, 'TRADES');
  await counter.start();
  await counter.until(() => true);
  const feed = new Feed(connection, 'TRADES');
  const stop = new AbortController();
  const feeding = feed.pace(PREDICTED_BATCH, rate, stop.signal);
  let usual = 0;
  const steadyMs = performance.now() + STEADY_SECONDS * 1000;
  await counter.until((applied) => {
    if (applied > rate) usual = Math.max(usual, feed.offered - applied);
    return performance.now() > steadyMs && applied > rate;
  });
  const killedMs = performance.now();
  await counter.kill();
  await sleep(DOWN_SECONDS * 1000);
  await counter.start();
  // A new process begins with what was committed: its first new count shows that it works.
  const taken = await counter.until((applied) => applied > 0);
  const back = await counter.until((applied) => applied > taken.applied);
  const waiting = feed.offered - back.applied;
  const drained = await counter.until((applied) => feed.offered - applied <= usual);
  stop.abort();
  await feeding;
  await counter.program?.stop();
  return {
    awaySeconds: (back.atMs - killedMs) / 1000,
    waiting,
    drainSeconds: (drained.atMs - back.atMs) / 1000,
  };
}

/** @param {number} seconds */
const us = (seconds) => `${(seconds * 1e6).toFixed(2)} µs`;

/** @typedef {{ connection: import('@nats-io/transport-node').NatsConnection, scope: InstanceType<typeof ProgramScope>, url: string }} Ground */

/**
 * Measures, predicts and compares.
 * @param {typeof import('./simulation.js') & typeof import('./closed-forms.js') & typeof import('./simulation-options.js')} model the compiled simulation
 * @returns {Promise<number>} 0 when the prediction was within 20 %
 */
export async function compareWithReal({ Simulation, sidecarCapacity, REFILL }) {
  const server = await NatsServer.start();
  const scope = new ProgramScope();
  const connection = await connect({ servers: server.url });
  try {
    const ground = { connection, scope, url: server.url };
    const alone = await secondsPerMessage(ground, 'FIRST', MANY, 0);
    const rate = Math.round((PREDICTED_LOAD * MANY.batch) / alone.passed);
    const refillShare = await measureRefill(ground, 'FIRST', alone.passed);
    console.log(`reading an event again takes ${refillShare.toFixed(2)} of what handling it does`);
    // Before and after: what else this machine does changes meanwhile.
    const before = await measureCosts(ground, rate, refillShare, 'before');
    const real = await measureOutage(ground, rate);
    const costs = between(before, await measureCosts(ground, rate, refillShare, 'after'));
    const capacity = sidecarCapacity(costs, PREDICTED_BATCH);
    console.log(
      `a sidecar takes ${us(costs.handleMessageSeconds)} a message and ${us(costs.handleEventSeconds)} an event, ` +
        `a commit ${us(costs.commitWaitSeconds)}: ${Math.round(capacity)} events/s in messages of ${PREDICTED_BATCH}`,
    );
    const { recovery } = new Simulation({
      rate,
      seconds: STEADY_SECONDS + 10 * real.awaySeconds,
      publishers: 1,
      partitions: PARTITIONS,
      sidecars: 1,
      eventsPerMessage: PREDICTED_BATCH,
      arrivals: 'even',
      seed: 1,
      outage: { atSeconds: STEADY_SECONDS, awaySeconds: real.awaySeconds, refill: REFILL },
      costs,
    }).run();
    const predicted = recovery?.drainSeconds ?? Number.NaN;
    const ratio = predicted / real.drainSeconds;
    console.log(
      `at ${rate} events/s, a sidecar away for ${real.awaySeconds.toFixed(2)} s: ${real.waiting} events waited, ` +
        `predicted ${recovery?.waitingEvents}`,
    );
    console.log(
      `drained in ${real.drainSeconds.toFixed(2)} s, predicted ${predicted.toFixed(2)} s: ${ratio.toFixed(2)} ×`,
    );
    return Math.abs(ratio - 1) <= TOLERANCE ? 0 : 1;
  } finally {
    await connection.close();
    await scope.dispose();
    await server.dispose();
  }
}
