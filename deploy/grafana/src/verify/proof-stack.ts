import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NODE_METRICS } from '../node-metrics.js';
import { METRICS } from '../../../../libs/contracts/src/index.js';
import { NatsServer } from '../../../../testing/nats.js';
import { freePorts } from '../../../../testing/ports.js';
import { Program } from '../../../../testing/program.js';
import { answersOk, entryOf, untilHealthy } from '../../../../testing/stack.js';
import { waitUntil } from '../../../../testing/wait.js';
import { ORDERS_FILE, POST_VOLUME, PROOF_PARTITIONS } from '../known-load.js';
import type { ProofLink } from '../panel-definition.js';
import { PrometheusApi } from './prometheus-api.js';

const BOOT_TIMEOUT_MS = 30_000;
const at = (port = 0): string => `127.0.0.1:${port}`;

/** Both built apps and a real Prometheus with the project's configuration, on ports of their own. */
export class ProofStack {
  private readonly programs: Program[] = [];
  /** Of the publisher's spool and the sidecar's state, where the delivery has them. */
  private readonly folder = mkdtempSync(join(tmpdir(), 'dashboards-verify-'));

  private nats: NatsServer | undefined;
  private isStopping = false;

  private constructor(
    readonly link: ProofLink,
    readonly publisherUrl: string,
    readonly sidecarUrl: string,
    readonly zmqAddress: string,
    readonly prometheusUrl: string,
  ) {}

  static async prepare(link: ProofLink): Promise<ProofStack> {
    const [publisher, sidecar, zmq, prometheus] = await freePorts(4);
    return new ProofStack(
      link,
      `http://${at(publisher)}`,
      `http://${at(sidecar)}`,
      `tcp://${at(zmq)}`,
      `http://${at(prometheus)}`,
    );
  }

  get prometheus(): PrometheusApi {
    return new PrometheusApi(this.prometheusUrl);
  }

  /** Returns when both apps are scraped; then the publisher has been restarted once, and that was seen too. */
  async start(): Promise<void> {
    if (this.link === 'broker') this.nats = await NatsServer.start();
    const prometheus = this.run('prometheus', 'scripts/infra-native.mjs', {
      PROMETHEUS_PORT: portOf(this.prometheusUrl),
      PUBLISHER_URL: this.publisherUrl,
      SIDECAR_URL: this.sidecarUrl,
    });
    const sidecar = this.run('sidecar', entryOf('sidecar'), {
      HOST: '127.0.0.1',
      PORT: portOf(this.sidecarUrl),
      VPIN_BUCKET_VOLUME: String(POST_VOLUME),
      ...(this.link === 'broker' ? this.broker : { SIDECAR_ZMQ_BIND: this.zmqAddress, DELIVERY: this.link }),
      SIDECAR_METRICS: this.link === 'at-most-once' ? ORDERS_FILE : '',
      SIDECAR_STATE_DIR: this.link === 'durable' ? join(this.folder, 'state') : '',
    });
    const first = this.startPublisher();
    await untilHealthy(sidecar, this.sidecarUrl);
    await untilHealthy(first, this.publisherUrl);
    await prometheus.until('being ready', () => answersOk(`${this.prometheusUrl}/-/ready`), BOOT_TIMEOUT_MS);
    await this.holds('both targets to be up', 'sum(up) == 2');
    await this.programs.pop()?.stop();
    await untilHealthy(this.startPublisher(), this.publisherUrl);
    await this.holds(
      'the restart to be scraped',
      `changes(${NODE_METRICS.startTime}{job="publisher"}[1m]) > 0`,
    );
    await this.holds('the link', `min(${METRICS.transportLinkUp.name}) == 1`);
  }

  /** Waits until a query answers something. */
  async holds(what: string, expression: string): Promise<void> {
    const isSo = async (): Promise<boolean> => (await this.prometheus.query(expression)).length > 0;
    await waitUntil(what, isSo, BOOT_TIMEOUT_MS);
  }

  /** Waits until every target has been asked again, this many seconds from now or later. */
  scrapedAfter(seconds: number): Promise<void> {
    const moment = Date.now() / 1000 + seconds;
    return this.holds('another scrape of both apps', `min(timestamp(up)) > ${moment}`);
  }

  /** Ends everything, the last started first: the publisher before the sidecar. */
  async stop(): Promise<void> {
    this.isStopping = true;
    for (const program of this.programs.toReversed()) await program.stop();
    await this.nats?.dispose();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private get broker(): Readonly<Record<string, string>> {
    return { NATS_URL: this.nats?.url ?? '', NATS_PARTITIONS: String(PROOF_PARTITIONS) };
  }

  private startPublisher(): Program {
    return this.run('publisher', entryOf('publisher'), {
      HOST: '127.0.0.1',
      PORT: portOf(this.publisherUrl),
      ...(this.link === 'broker' ? this.broker : { WEBAPP_ZMQ_ADDR: this.zmqAddress, DELIVERY: this.link }),
      SIDECAR_HTTP_URL: this.sidecarUrl,
      SENT_TIME: 'true',
      EVENT_TYPES: this.link === 'at-most-once' ? ORDERS_FILE : '',
      SPOOL_DIR: join(this.folder, 'spool'),
    });
  }

  private run(name: string, file: string, environment: Readonly<Record<string, string>>): Program {
    if (this.isStopping) throw new Error(`${name} is not started any more: the proof ends`);
    const program = new Program(process.execPath, [file], environment, { name, endsWithParent: true });
    this.programs.push(program);
    return program;
  }
}

const portOf = (url: string): string => new URL(url).port;
