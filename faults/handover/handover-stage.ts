import { NatsProgram, NatsServer } from '../../testing/nats.js';
import { freePort, freePorts } from '../../testing/ports.js';
import { startPrometheus } from '../../testing/prometheus.js';
import { type Program, ProgramScope } from '../../testing/program.js';
import { type Samples, scrape } from '../../testing/samples.js';
import {
  type AppSettings,
  chooseAddresses,
  startApp,
  startPublisher,
  untilHealthy,
} from '../../testing/stack.js';
import { RateReader } from './rate-reader.js';
import { marksIn, SteadyLoad } from './steady-load.js';

export const PARTITIONS = 8;
/** Addresses that sidecars come back to, as the pods of a StatefulSet do. */
const PLACES = 3;
const KEPT = { keptCharacters: 4_000 };
const UNLIMITED = { HTTP_RATE_LIMIT: '0', HTTP_SCRAPE_LIMIT: '0', LOG_LEVEL: 'warn' };
const brokerAt = (nats: NatsServer): AppSettings => ({
  NATS_URL: nats.url,
  NATS_PARTITIONS: String(PARTITIONS),
});
const urlOf = (port: number): string => `http://127.0.0.1:${port}`;

/** Which sidecar stands where: of the shard `index/count`. */
export interface Shard {
  readonly place: number;
  readonly index: number;
  readonly count: number;
}

/** Seconds from the start of the process. */
export interface StartTimes {
  /** `/health` answers 200. */
  readonly healthy: number;
  /** In each partition an event that was published after the start is counted and committed. */
  readonly counting: number;
}

/** The marks that were counted in a partition. */
const countedMarks = (samples: Samples, partition: number): number =>
  marksIn(samples.get(`volume_total{side="buy",partition="${partition}"}`) ?? 0);

const secondsSince = (startMs: number): number => (performance.now() - startMs) / 1000;

/** A nats-server, a publisher under a steady load, a Prometheus, and the places of sidecars. */
export class HandoverStage {
  readonly load: SteadyLoad;
  readonly scope = new ProgramScope();
  readonly rates: RateReader;
  private readonly sidecars = new Map<number, Program>();

  private constructor(
    private readonly nats: NatsServer,
    /** For starts that take nothing over. */
    private readonly idleNats: NatsServer,
    private readonly program: NatsProgram,
    private readonly ports: readonly number[],
    private readonly at: Awaited<ReturnType<typeof chooseAddresses>>,
    eventsPerSecond: number,
  ) {
    this.load = new SteadyLoad(at.publisherUrl, program, eventsPerSecond);
    this.rates = new RateReader(eventsPerSecond / 2);
  }

  static async open(eventsPerSecond: number): Promise<HandoverStage> {
    const [nats, idleNats] = await Promise.all([NatsServer.start(), NatsServer.start()]);
    const program = await NatsProgram.connect(nats.url);
    const at = await chooseAddresses();
    const stage = new HandoverStage(nats, idleNats, program, await freePorts(PLACES), at, eventsPerSecond);
    const sidecarUrl = stage.ports.map(urlOf).join(',');
    stage.rates.url = await startPrometheus(stage.scope, { publisherUrl: at.publisherUrl, sidecarUrl });
    return stage;
  }

  /** Starts a sidecar that takes nothing over, beside the others, and ends it. @returns seconds until it is healthy */
  async ordinaryStart(): Promise<number> {
    const port = await freePort();
    const startMs = performance.now();
    const program = this.launch(port, '1/2', this.idleNats);
    await untilHealthy(program, urlOf(port));
    const seconds = secondsSince(startMs);
    await program.stop();
    return seconds;
  }

  /** Starts the first owners, which make the stream, then a publisher, and then the load. */
  async begin(shards: readonly Shard[]): Promise<void> {
    await Promise.all(
      shards.map((shard) => {
        const { program, url } = this.launchAt(shard);
        return untilHealthy(program, url);
      }),
    );
    const settings = { ...brokerAt(this.nats), ...UNLIMITED, WEBAPP_ZMQ_ADDR: '' };
    await startPublisher(this.scope, this.at, settings, KEPT);
    this.load.start();
  }

  /** Starts a successor under load. */
  async start(shard: Shard): Promise<StartTimes> {
    const { index, count } = shard;
    const startMs = performance.now();
    const { program, url } = this.launchAt(shard);
    const healthy = async (): Promise<number> => {
      await untilHealthy(program, url);
      return secondsSince(startMs);
    };
    const counting = async (): Promise<number> => {
      const marks = new Map<number, number>();
      for (let partition = index; partition < PARTITIONS; partition += count)
        marks.set(partition, await this.load.mark(partition));
      await program.until('counting new events', async () => {
        const samples = await scrape(`${url}/metrics/`);
        return [...marks].every(([partition, sent]) => countedMarks(samples, partition) >= sent);
      });
      return secondsSince(startMs);
    };
    const [healthySeconds, countingSeconds] = await Promise.all([healthy(), counting()]);
    return { healthy: healthySeconds, counting: countingSeconds };
  }

  /** Ends the sidecar of a place. */
  async end(place: number, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    await this.sidecars.get(place)?.stop(signal);
    this.sidecars.delete(place);
  }

  async close(): Promise<void> {
    await this.scope.dispose();
    await this.program.close();
    await Promise.all([this.nats.dispose(), this.idleNats.dispose()]);
  }

  private launchAt({ place, index, count }: Shard): { program: Program; url: string } {
    const port = this.ports[place] ?? 0;
    const program = this.launch(port, `${index}/${count}`, this.nats);
    this.sidecars.set(place, program);
    return { program, url: urlOf(port) };
  }

  private launch(port: number, shard: string, nats: NatsServer): Program {
    const settings = {
      ...UNLIMITED,
      ...brokerAt(nats),
      HOST: '127.0.0.1',
      PORT: String(port),
      SIDECAR_SHARD: shard,
    };
    return startApp(this.scope, 'sidecar', settings, KEPT);
  }
}
