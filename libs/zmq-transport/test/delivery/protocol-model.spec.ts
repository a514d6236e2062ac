import { ConsumerSessions } from '../../src/delivery/consumer.sessions.js';
import { ProducerSession } from '../../src/delivery/producer.session.js';
import { explore, type Exploration } from './model/explorer.js';
import type { ModelSpool } from './model/model.spool.js';
import { type Faults, ModelWorld, type WorldRules } from './model/model.world.js';
import type { Leftovers, ProducerRules } from './model/model.producer.js';
import type { ConsumerRules } from './model/model.consumer.js';
import { freshName } from './model/state.graph.js';

jest.setTimeout(120_000);

const WINDOW = 3;
const sessionOptions = {
  windowEvents: WINDOW,
  windowBytes: 1000,
  maxProducers: 4,
  newSession: () => freshName('S'),
};
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
  makeSessions: () => new ConsumerSessions(sessionOptions),
};

function world(
  faults: Partial<Faults>,
  producer: Partial<ProducerRules> = {},
  consumer: Partial<ConsumerRules> = {},
  more: Partial<WorldRules> = {},
): ModelWorld {
  const leftovers: Leftovers[] = ['lost', 'carried', 'late'];
  return new ModelWorld({
    producers: [{ ...PRODUCER, ...producer }],
    consumer: { ...CONSUMER, ...consumer },
    faults,
    leftovers,
    ...more,
  });
}

const report: string[] = [];
function run(name: string, first: ModelWorld, max = 400_000): Exploration {
  const t = Date.now();
  const r = explore(first, max);
  report.push(
    `${name}: ${r.states} states ${r.steps} steps ${Date.now() - t} ms complete=${r.isComplete} ${JSON.stringify(r.found, null, 1) ?? ''}`,
  );
  return r;
}
afterAll(() => process.stdout.write(report.join('\n') + '\n'));

describe('explore', () => {
  it.each([
    ['cut', world({ disconnects: 1, greetings: 1 })],
    ['cut2', world({ disconnects: 2 })],
    ['fail', world({ disconnects: 1, handlerFailures: 1 })],
    ['drop', world({ disconnects: 1, drops: 1 })],
    ['crash', world({ producerCrashes: 1, consumerCrashes: 1 })],
    [
      'crash mem',
      world({ producerCrashes: 1, consumerCrashes: 1 }, { isDurable: false }, { hasLedger: false }),
    ],
    ['lossy', world({ losses: 1 }, {}, { isLossy: true })],
    ['store', world({ storeFailures: 1, disconnects: 1 })],
  ])('%s', (name, w) => {
    run(name, w, 30000);
  });
});
