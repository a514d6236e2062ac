// Sidecars whose number changes, as the autoscaler of deploy/kubernetes changes it. The cluster's answers come from a server
// of this test; the sidecars and the broker are real.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import { join } from 'node:path';
import { ScratchFolder } from '../testing/folder.js';
import { describeWith } from '../testing/installed.js';
import { NatsProgram, NatsServer } from '../testing/nats.js';
import { listen, portOf } from '../testing/ports.js';
import { type Program, ProgramScope } from '../testing/program.js';
import { appliedTrades, countOf } from '../testing/samples.js';
import { chooseAddresses } from '../testing/stack.js';
import { waitUntil } from '../testing/wait.js';

const PARTITIONS = 4;
const TOKEN = 'the-token-of-the-service-account';

const owns = (url: string, partitions: number[]): Promise<unknown> =>
  waitUntil(`partitions ${partitions.join()} at ${url}`, async () => {
    const { details } = (await (await fetch(`${url}/health`)).json()) as {
      details: { broker: { status: string; partitions: number[] } };
    };
    return details.broker.status === 'up' && details.broker.partitions.join() === partitions.join();
  });

/** Answers for a cluster, and may be away. */
class Cluster {
  replicas = 1;
  isAway = false;
  private constructor(
    private readonly server: Server,
    /** What the kubelet mounts into each pod. */
    readonly account: string,
  ) {
    server.on('request', ({ url, headers }, response) => {
      const isAllowed = headers.authorization === `Bearer ${TOKEN}`;
      const isKnown = url === '/apis/apps/v1/namespaces/desk/statefulsets/sidecar';
      const status = this.isAway ? 503 : isAllowed ? (isKnown ? 200 : 404) : 401;
      response.writeHead(status, { connection: 'close' });
      response.end(status === 200 ? JSON.stringify({ spec: { replicas: this.replicas } }) : '{}');
    });
  }

  static async start(folder: string): Promise<Cluster> {
    const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'ca.crt')];
    const kind = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1'.split(' ');
    const subject = ['-subj', '/CN=cluster', '-addext', 'subjectAltName=IP:127.0.0.1'];
    execFileSync('openssl', [...kind, '-keyout', key, '-out', certificate, ...subject], { stdio: 'ignore' });
    writeFileSync(join(folder, 'namespace'), 'desk');
    writeFileSync(join(folder, 'token'), `${TOKEN}\n`);
    const server = createServer({ key: readFileSync(key), cert: readFileSync(certificate) });
    await listen(server as never);
    return new Cluster(server, folder);
  }

  get port(): number {
    return portOf(this.server as never);
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.server.close(() => resolve()));
  }
}

describeWith('nats-server', 'sidecars that follow the number of replicas', () => {
  const scope = new ProgramScope();
  const folder = new ScratchFolder('e2e-shards-');
  let broker: NatsServer;
  let program: NatsProgram;
  let cluster: Cluster;

  beforeAll(async () => {
    broker = await NatsServer.start();
    program = await NatsProgram.connect(broker.url);
    mkdirSync(join(folder.path, 'account'));
    cluster = await Cluster.start(join(folder.path, 'account'));
  });
  afterAll(async () => {
    await scope.dispose();
    await program.close();
    await broker.dispose();
    await cluster.close();
    folder.remove();
  });

  async function startPod(index: number): Promise<{ pod: Program; url: string }> {
    const { sidecarPort, sidecarUrl } = await chooseAddresses();
    const pod = scope.start(process.execPath, ['deploy/kubernetes/follow-shards.mjs'], {
      PORT: String(sidecarPort),
      NATS_URL: broker.url,
      NATS_PARTITIONS: String(PARTITIONS),
      POD_NAME: `sidecar-${index}`,
      KUBERNETES_SERVICE_HOST: '127.0.0.1',
      KUBERNETES_SERVICE_PORT: String(cluster.port),
      SERVICE_ACCOUNT_DIR: cluster.account,
      SHARD_POLL_MS: '100',
    });
    return { pod, url: sidecarUrl };
  }

  async function publishToAll(): Promise<void> {
    for (let partition = 0; partition < PARTITIONS; partition += 1)
      await program.publish(`trades.${partition}`, { type: 'trade', side: 'buy', qty: 1, ts: 1 });
  }

  it('share the partitions anew, count each trade once, and go on while the cluster does not answer', async () => {
    const [first, second] = [await startPod(0), await startPod(1)];
    await owns(first.url, [0, 1, 2, 3]);
    // One replica: the second pod has no share yet, and ends at once when it is taken away.
    expect(second.pod.output).toBe('');
    await publishToAll();
    await waitUntil('4 trades', async () => countOf(await appliedTrades(first.url)) === PARTITIONS);

    cluster.replicas = 2;
    await Promise.all([owns(first.url, [0, 2]), owns(second.url, [1, 3])]);
    cluster.isAway = true;
    await publishToAll();
    const counts = async (): Promise<number[]> =>
      Promise.all([first, second].map(async ({ url }) => countOf(await appliedTrades(url))));
    await waitUntil('8 trades', async () => (await counts()).join() === '4,4');
    await first.pod.waitForOutput(/cannot read the replicas of sidecar, and tries again: .* answered 503/);
    // A token is replaced while pods run.
    renameSync(join(cluster.account, 'token'), join(cluster.account, 'old'));
    writeFileSync(join(cluster.account, 'token'), TOKEN);
    cluster.isAway = false;

    cluster.replicas = 1;
    await owns(first.url, [0, 1, 2, 3]);
    expect(countOf(await appliedTrades(first.url))).toBe(2 * PARTITIONS);
    expect(await second.pod.stop()).toEqual({ code: 0, signal: null });
    expect(await first.pod.stop()).toEqual({ code: 0, signal: null });
  });

  it('say what is wrong when they are no pods', async () => {
    const pod = scope.start(process.execPath, ['deploy/kubernetes/follow-shards.mjs'], {
      POD_NAME: 'sidecar',
      SHARD_POLL_MS: 'often',
    });
    expect(await pod.exited).toMatchObject({ code: 78 });
    expect(pod.stderr).toContain('POD_NAME must be the name of a pod of a StatefulSet');
    expect(pod.stderr).toContain('SHARD_POLL_MS must be a number');
  });
});
