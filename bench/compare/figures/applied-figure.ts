import { freePort } from '../../../testing/ports.js';
import { ScratchFolder } from '../../../testing/folder.js';
import { BrokerProcess } from '../brokers/broker-process.js';
import { BROKER_PROGRAMS } from '../brokers/broker-programs.js';
import { monotonicMs } from '../clock.js';
import { ServiceProcess } from '../services/service-process.js';
import { APPLIED_SERVICES } from '../services/service-programs.js';
import type { WorkerProcess } from '../workers/worker-process.js';
import type { CostSample } from './cost.js';
import type { Timing } from './one-way-figure.js';
import { startEnd } from './peer-ends.js';
import { allCounted, atRest, type Counted, scrapedTrades } from './rest.js';

/** A producer, the built sidecar, and a broker between them if the peer needs one. */
class AppliedEnds implements Counted {
  private producer: WorkerProcess | undefined;
  private sidecar: ServiceProcess | undefined;
  private broker: BrokerProcess | undefined;
  private url = '';
  private readonly folder = new ScratchFolder('bench-state-');

  /** @throws BrokerError, WorkerError */
  static async open(peer: string): Promise<AppliedEnds> {
    const ends = new AppliedEnds();
    try {
      await ends.start(peer);
      return ends;
    } catch (error) {
      await ends.stop();
      throw error;
    }
  }

  /** Of the sidecar. */
  cpuSeconds(): number {
    return this.sidecar?.cpuSeconds() ?? 0;
  }

  /** Of all processes. */
  async wholeCpuSeconds(): Promise<number> {
    const { cpuSeconds } = await this.call<'cpuSeconds'>({ do: 'usage' });
    return cpuSeconds + this.cpuSeconds() + (this.broker?.cpuSeconds() ?? 0);
  }

  count(): Promise<number> {
    return scrapedTrades(this.url);
  }

  /** A command for the producer. */
  call<Keys extends string>(command: Parameters<WorkerProcess['call']>[0]) {
    if (this.producer === undefined) throw new TypeError('the producer is not there');
    return this.producer.call<Keys>(command);
  }

  async stop(): Promise<void> {
    await this.producer?.stop();
    await this.sidecar?.stop();
    await this.broker?.stop();
    this.folder.remove();
  }

  private async start(peer: string): Promise<void> {
    const [port, httpPort] = [await freePort(), await freePort()];
    const program = BROKER_PROGRAMS[peer];
    if (program !== undefined) this.broker = await BrokerProcess.start(program, port);
    const programOf = APPLIED_SERVICES[peer];
    if (programOf === undefined) throw new TypeError(`no sidecar is called "${peer}"`);
    this.sidecar = await ServiceProcess.start(peer, programOf(port, httpPort, this.folder.path));
    this.url = `http://127.0.0.1:${httpPort}/metrics/`;
    this.producer = await startEnd('producer', peer, port);
  }
}

/**
 * From `emit` until the built sidecar has an event in its metrics and keeps the counts. The processor time is that of all
 * processes: producer, sidecar, broker.
 */
export async function measureApplied(peer: string, timing: Timing): Promise<CostSample> {
  const ends = await AppliedEnds.open(peer);
  try {
    const startMs = monotonicMs();
    const { sent: warm } = await ends.call<'sent'>({ do: 'warmUp', seconds: timing.warmUpSeconds });
    const { sinceMs: warmMs } = await allCounted(peer, ends, warm);
    const events = Math.round((warm / (warmMs - startMs)) * 1000 * timing.measureSeconds);
    await atRest(ends);
    const before = await ends.wholeCpuSeconds();
    const fromMs = monotonicMs();
    await ends.call({ do: 'send', count: events });
    const { sinceMs } = await allCounted(peer, ends, warm + events);
    const cpuSeconds = (await ends.wholeCpuSeconds()) - before;
    return {
      perSecond: events / ((sinceMs - fromMs) / 1000),
      cpuMicros: (cpuSeconds / events) * 1e6,
    };
  } finally {
    await ends.stop();
  }
}
