import {
  JetStreamClient,
  type JetStreamClientOptions,
  type JetStreamServerOptions,
} from '../../src/index.js';
import { NatsServer } from '../../../../testing/nats.js';
import { type RunningServer, startServer, type Tally } from './tally.js';

/** A broker, and what a test starts on it. */
export interface TestBroker {
  /** The one of the running test. */
  readonly broker: NatsServer;
  /** What to end after the test, the last first. */
  readonly closing: (() => Promise<unknown>)[];
  /** A client of three partitions, closed after the test. */
  readonly client: (options?: Partial<JetStreamClientOptions>) => JetStreamClient;
  /** A server of three partitions, closed after the test. */
  readonly server: (options?: Partial<JetStreamServerOptions>, tally?: Tally) => Promise<RunningServer>;
}

/** Gives each test of the surrounding `describe` a broker of its own. */
export function brokerPerTest(): TestBroker {
  let broker: NatsServer;
  const closing: (() => Promise<unknown>)[] = [];
  const stream = { partitions: 3 };

  beforeEach(async () => {
    broker = await NatsServer.start();
  });
  afterEach(async () => {
    for (const close of closing.splice(0).toReversed()) await close();
    await broker.dispose();
  });

  return {
    get broker() {
      return broker;
    },
    closing,
    client: (options = {}) => {
      const made = new JetStreamClient({ servers: broker.url, stream, ...options });
      closing.push(() => made.close());
      return made;
    },
    server: async (options = {}, tally) => {
      const started = await startServer({ servers: broker.url, stream, ...options }, tally);
      closing.push(() => started.close());
      return started;
    },
  };
}
