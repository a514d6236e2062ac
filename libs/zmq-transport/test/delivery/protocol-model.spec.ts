import fc from 'fast-check';
import { ConsumerSessions } from '../../src/acknowledged/consumer/consumer-sessions.js';
import { ProducerSession } from '../../src/acknowledged/producer/producer-session.js';
import { explore } from './model/explorer.js';
import type { ConsumerRules } from './model/model-consumer.js';
import type { Leftovers, ProducerRules } from './model/model-producer.js';
import type { ModelSpool } from './model/model-spool.js';
import { type Faults, ModelWorld, type WorldRules } from './model/model-world.js';
import { constant, freshName } from './model/state-graph.js';
import * as bugs from './model/known-bugs.js';

/** Room for both batches of a producer together, but not for more. */
const WINDOW = 3;
const OPTIONS = constant({
  windowEvents: WINDOW,
  windowBytes: 1000,
  maxProducers: 4,
  newSession: () => freshName('S'),
});
const PRODUCER: ProducerRules = {
  id: 'p',
  epoch: 'E',
  isDurable: true,
  batches: [2, 1],
  makeSession: (spool: ModelSpool) => new ProducerSession(spool),
};
const CONSUMER: ConsumerRules = {
  hasLedger: true,
  windowEvents: WINDOW,
  isLossy: false,
  makeSessions: () => new ConsumerSessions(OPTIONS),
};
const LEFTOVERS: readonly Leftovers[] = ['lost', 'carried', 'late'];
const IN_MEMORY = { isDurable: false };
const WITHOUT_LEDGER = { hasLedger: false };

function world(
  faults: Partial<Faults>,
  producer: Partial<ProducerRules> = {},
  consumer: Partial<ConsumerRules> = {},
  more: Partial<WorldRules> = {},
): ModelWorld {
  return new ModelWorld({
    producers: [constant({ ...PRODUCER, ...producer })],
    consumer: constant({ ...CONSUMER, ...consumer }),
    faults,
    leftovers: LEFTOVERS,
    ...more,
  });
}

/** Two instances with one id: a memory of their own each, so that the second begins another epoch. */
function rivals(consumer: Partial<ConsumerRules> = {}, faults: Partial<Faults> = {}): ModelWorld {
  const producers = ['E', 'F'].map((epoch) => constant({ ...PRODUCER, ...IN_MEMORY, epoch, batches: [1] }));
  return world(faults, {}, consumer, { producers, isRivalry: true });
}

/** Strangers who only say HELLO, to a server that has room for one producer. */
function besetBy(
  Sessions: typeof ConsumerSessions,
  faults: Partial<Faults> = {},
  consumer: Partial<ConsumerRules> = {},
): ModelWorld {
  const narrow = constant({ ...OPTIONS, maxProducers: 1 });
  return world(
    { strangers: 1, ...faults },
    { batches: [1] },
    { ...consumer, makeSessions: () => new Sessions(narrow) },
  );
}

describe('the protocol', () => {
  const WORLDS: [string, () => ModelWorld][] = [
    ['a lost connection and a HELLO too many', () => world({ disconnects: 1, greetings: 1 })],
    ['a connection that is lost twice', () => world({ disconnects: 2 })],
    ['failing handlers and a lost connection', () => world({ disconnects: 1, handlerFailures: 1 })],
    ['a full spool and a lost connection', () => world({ disconnects: 1, drops: 1 })],
    ['a full spool and a HELLO too many', () => world({ greetings: 1, drops: 1 })],
    ['a disk that does not take a batch', () => world({ disconnects: 1, storeFailures: 1 })],
    ['messages that vanish on their way', () => world({ losses: 2, greetings: 1 }, {}, { isLossy: true })],
    ['the death of both sides', () => world({ producerCrashes: 1, consumerCrashes: 1 })],
    ['the death of a server, and a lost connection', () => world({ consumerCrashes: 1, disconnects: 1 })],
    [
      'a producer in memory that dies, and a HELLO too many',
      () => world({ producerCrashes: 1, greetings: 1 }, IN_MEMORY),
    ],
    [
      'a server without a ledger that dies twice',
      () => world({ consumerCrashes: 2, greetings: 1 }, {}, WITHOUT_LEDGER),
    ],
    [
      'a window smaller than a batch, and a lost connection',
      () =>
        world(
          { disconnects: 1 },
          {},
          {
            windowEvents: 1,
            makeSessions: () => new ConsumerSessions(constant({ ...OPTIONS, windowEvents: 1 })),
          },
        ),
    ],
    ['two instances with one id', () => rivals()],
    ['two instances with one id, and a lost connection', () => rivals(WITHOUT_LEDGER, { greetings: 1 })],
    ['a stranger who says HELLO, and a lost connection', () => besetBy(ConsumerSessions, { disconnects: 1 })],
    ['a stranger, and the death of the server', () => besetBy(ConsumerSessions, { consumerCrashes: 1 })],
    [
      'a stranger, and no ledger',
      () => besetBy(ConsumerSessions, { strangers: 2, disconnects: 1 }, WITHOUT_LEDGER),
    ],
    [
      'more failures than one ACK names, and a lost connection',
      () =>
        world(
          { handlerFailures: 2, disconnects: 1 },
          { batches: [1, 1] },
          { makeSessions: () => new ConsumerSessions(constant({ ...OPTIONS, maxNamedFailures: 1 })) },
        ),
    ],
  ];

  it.each(WORLDS)(
    'loses nothing, applies nothing twice and brings everything over, with %s',
    (_name, make) => {
      const { found, isComplete, states } = explore(make(), 40_000);
      expect(found).toBeUndefined();
      expect(isComplete).toBe(true);
      expect(states).toBeGreaterThan(100);
    },
  );
});

const session = (Session: new (spool: ModelSpool) => ProducerSession): Partial<ProducerRules> => ({
  makeSession: (spool) => new Session(spool),
});
const sessions = (Sessions: typeof ConsumerSessions): Partial<ConsumerRules> => ({
  makeSessions: () => new Sessions(OPTIONS),
});

describe('the checker', () => {
  const BUGS: [string, () => ModelWorld, RegExp][] = [
    [
      'lets go of what was received',
      () => world({ greetings: 1 }, session(bugs.ReleasesReceived)),
      /let go of and is not handled/,
    ],
    [
      'lets go of what READY says is handled',
      () =>
        world(
          { disconnects: 2, handlerFailures: 1 },
          { ...session(bugs.ReleasesOnReady), batches: [1] },
          {},
          { leftovers: ['lost'] },
        ),
      /does not hear that it failed/,
    ],
    [
      'sends before it has stored, and uses numbers again',
      () =>
        world(
          { producerCrashes: 1 },
          { ...session(bugs.SendsUnstored), makeSpool: (epoch) => new bugs.ReusesNumbers(epoch, true) },
        ),
      /an honest server is not believed/,
    ],
    ['gives up what is on its way', () => world({ drops: 1 }, session(bugs.DropsSent)), /given up and is/],
    [
      'ignores the window',
      () => world({}, { ...session(bugs.IgnoresWindow), batches: [2, 2] }),
      /told that its session cannot go on/,
    ],
    [
      'takes a batch before one that is missing',
      () => world({ losses: 1 }, {}, { ...sessions(bugs.IgnoresPrevious), isLossy: true }),
      /let go of and is not handled/,
    ],
    [
      'takes what comes from an earlier session',
      () => world({ disconnects: 1, drops: 1 }, {}, sessions(bugs.AcceptsStale)),
      /given up and is handled/,
    ],
    [
      'acknowledges what it has received',
      () => world({}, {}, sessions(bugs.AcknowledgesReceived)),
      /whose handler has not ended/,
    ],
    [
      'keeps a position before the handlers have ended',
      () => world({ consumerCrashes: 1 }, {}, { commitsEarly: true }),
      /let go of and is not handled/,
    ],
    [
      'takes again what it has in its queue',
      () => world({ greetings: 1 }, {}, sessions(bugs.ForgetsTheQueue)),
      /told that its session cannot go on/,
    ],
    [
      'names a failure once',
      () => world({ disconnects: 1, handlerFailures: 1 }, {}, sessions(bugs.NamesFailuresOnce)),
      /does not hear that it failed/,
    ],
    [
      'begins behind its ledger',
      () => world({ consumerCrashes: 1 }, {}, sessions(bugs.LosesRestored)),
      /not believed/,
    ],
    ['lets a second instance in', () => rivals(sessions(bugs.WelcomesRivals)), /second instance/],
    [
      'forgets a producer that is away when a stranger says HELLO',
      () => besetBy(bugs.ForgetsForAHello, { disconnects: 1 }),
      /applied twice|takes a position|not believed/,
    ],
    [
      'begins the epoch of a stranger who says HELLO',
      () => besetBy(bugs.ReplacesForAHello, { disconnects: 1 }),
      /applied twice/,
    ],
    [
      'lets a stranger who delivers nothing hold an id',
      () => besetBy(bugs.LetsTheIdleHold),
      /cannot go on|goes on for ever/,
    ],
    [
      'lets strangers who deliver nothing take all the room',
      () => besetBy(bugs.LetsTheIdleStay),
      /cannot go on|goes on for ever/,
    ],
  ];

  it.each(BUGS)('finds one that %s', (_name, make, violation) => {
    const { found } = explore(make(), 40_000);
    expect(found?.violation).toMatch(violation);
  });
});

describe('long runs of several producers', () => {
  const MANY: Faults = {
    disconnects: 20,
    greetings: 20,
    producerCrashes: 5,
    consumerCrashes: 5,
    handlerFailures: 10,
    storeFailures: 10,
    drops: 10,
    losses: 0,
    strangers: 10,
  };
  const choices = fc.array(fc.nat(), { minLength: 100, maxLength: 600 });

  it.each([true, false])('lose nothing and apply nothing twice (ledger: %s)', (hasLedger) => {
    const producers = [1, 2, 3].map((n) =>
      constant({
        ...PRODUCER,
        id: `p${n}`,
        epoch: `E${n}`,
        // Without a ledger a producer in memory has no second life that could be told from the first.
        isDurable: n !== 3,
        batches: [1, 2, 3, 1, 2, 4, 1, 1, 2, 3],
      }),
    );
    const run = (picks: number[]): void => {
      const state = world(MANY, {}, { hasLedger }, { producers });
      for (const pick of picks) {
        const steps = state.steps();
        const step = steps[pick % steps.length];
        if (step !== undefined) state.take(step);
      }
      state.finish();
    };
    expect(() => fc.assert(fc.property(choices, run), { numRuns: 150 })).not.toThrow();
  });
});
