import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BROKER_PROGRAMS } from '../brokers/broker-programs.js';
import { BrokerProcess } from '../brokers/broker-process.js';
import { CLIENT_PEERS, CLIENTS_FOLDER, PYTHON } from '../peers/peer-info.js';
import { WorkerError, WorkerProcess } from '../workers/worker-process.js';
import { freePort } from '../../../testing/ports.js';

const WORKER = fileURLToPath(new URL('../workers/worker-main.js', import.meta.url));
const SOURCES = resolve('bench', 'compare');
const GREET_TRIES = 100;
const GREET_PATIENCE_MS = 100;

/** What the consumer does with events: count them, or record their latency. */
export type ConsumerRole = 'consumer' | 'latency-consumer';

/** Starts one end of a peer in a process of its own. */
export function startEnd(
  role: ConsumerRole | 'producer',
  peer: string,
  port: number,
): Promise<WorkerProcess> {
  if (peer === 'pyzmq') {
    const script = resolve(SOURCES, 'peers', 'pyzmq.worker.py');
    return WorkerProcess.start(`pyzmq ${role}`, PYTHON, [script, role, String(port)]);
  }
  const wantsClients = peer in BROKER_PROGRAMS || peer in CLIENT_PEERS;
  const loader = wantsClients ? ['--import', resolve(SOURCES, 'clients-register.mjs')] : [];
  const args = ['--expose-gc', ...loader, WORKER, role, peer, String(port)];
  const env = wantsClients ? { ...process.env, NODE_PATH: resolve(CLIENTS_FOLDER) } : process.env;
  return WorkerProcess.start(`${peer} ${role}`, process.execPath, args, env);
}

/** The processes of one measurement: a producer, a consumer, and a broker between them if the peer needs one. */
export class PeerEnds {
  private constructor(
    readonly consumer: WorkerProcess,
    readonly producer: WorkerProcess,
    private readonly broker: BrokerProcess | undefined,
  ) {}

  /**
   * Starts them, and waits until events get through: a broker takes events long before it knows their consumers.
   * @throws BrokerError, WorkerError
   */
  static async open(peer: string, role: ConsumerRole = 'consumer'): Promise<PeerEnds> {
    const port = await freePort();
    const program = BROKER_PROGRAMS[peer];
    const broker = program === undefined ? undefined : await BrokerProcess.start(program, port);
    let consumer: WorkerProcess | undefined;
    let producer: WorkerProcess | undefined;
    try {
      consumer = await startEnd(role, peer, port);
      producer = await startEnd('producer', peer, port);
      const ends = new PeerEnds(consumer, producer, broker);
      await ends.greet(peer);
      return ends;
    } catch (error) {
      await Promise.all([consumer?.stop(), producer?.stop(), broker?.stop()]);
      throw error;
    }
  }

  /** CPU time of all processes so far, in seconds. */
  async cpuSeconds(): Promise<number> {
    const [consumer, producer] = await Promise.all([
      this.consumer.call<'cpuSeconds'>({ do: 'usage' }),
      this.producer.call<'cpuSeconds'>({ do: 'usage' }),
    ]);
    return consumer.cpuSeconds + producer.cpuSeconds + (this.broker?.cpuSeconds() ?? 0);
  }

  async stop(): Promise<void> {
    await Promise.all([this.consumer.stop(), this.producer.stop()]);
    await this.broker?.stop();
  }

  private async greet(peer: string): Promise<void> {
    await this.consumer.call({ do: 'expect', target: 0 });
    for (let sent = 1; sent <= GREET_TRIES; sent += 1) {
      await this.producer.call({ do: 'send', count: 1 });
      const greeted = { do: 'arrived', target: sent, patienceMs: GREET_PATIENCE_MS };
      const { count } = await this.consumer.call<'count'>(greeted);
      if (count > 0) return;
    }
    throw new WorkerError(`${peer}: no event got through`);
  }
}
