// An agent that scrapes and forwards, and a server that computes the rules of what it gets: both the machine's Prometheus.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { ScratchFolder } from '../../../testing/folder.js';
import { describeWith } from '../../../testing/installed.js';
import { freePorts, listen, portOf } from '../../../testing/ports.js';
import { ProgramScope } from '../../../testing/program.js';
import { waitUntil } from '../../../testing/wait.js';

const source = resolve(__dirname, '..');
const read = (name: string): string => readFileSync(join(source, name), 'utf8');
const scrapes = (name: string): unknown => (parse(read(name)) as { scrape_configs: unknown }).scrape_configs;

describeWith('prometheus', 'agent.yml', () => {
  const scope = new ProgramScope();
  const folder = new ScratchFolder('remote-write-');
  let app: Server;
  let buys = 0;

  beforeAll(async () => {
    // Counts one more at each scrape, as an app under load.
    app = createServer((_, response) => {
      buys += 1;
      response.setHeader('content-type', 'text/plain; version=0.0.4');
      response.end(
        `# TYPE trades_total counter\ntrades_total{side="buy"} ${buys}\ntrades_total{side="sell"} 0\n`,
      );
    });
    await listen(app as never);
  });
  afterAll(async () => {
    await scope.dispose();
    folder.remove();
    app.closeAllConnections();
    await new Promise((done) => app.close(done));
  });

  it('is taken, and scrapes what prometheus.yml scrapes', () => {
    const { status, stdout } = spawnSync('promtool', ['check', 'config', '--agent', 'agent.yml'], {
      cwd: source,
      encoding: 'utf8',
    });
    expect(stdout).not.toContain('WARNING');
    expect(status).toBe(0);
    expect(scrapes('agent.yml')).toEqual(scrapes('prometheus.yml'));
  });

  it('forwards to a server that computes the rules', async () => {
    const [agentPort = 0, serverPort = 0] = await freePorts(2);
    for (const [part, target] of [
      ['agent', `127.0.0.1:${portOf(app as never)}`],
      ['server', undefined],
    ] as const) {
      const own = join(folder.path, part);
      mkdirSync(join(own, 'targets'), { recursive: true });
      cpSync(join(source, 'rules'), join(own, 'rules'), { recursive: true });
      for (const job of ['sidecar', 'publisher', 'alertmanager'])
        writeFileSync(
          join(own, 'targets', `${job}.json`),
          JSON.stringify(job === 'sidecar' && target !== undefined ? [{ targets: [target] }] : []),
        );
      writeFileSync(join(own, 'prometheus.yml'), read('prometheus.yml'));
      writeFileSync(
        join(own, 'agent.yml'),
        read('agent.yml').replace('127.0.0.1:9090', `127.0.0.1:${serverPort}`),
      );
    }
    const start = (part: string, file: string, port: number, ...more: string[]): void => {
      const config = `--config.file=${join(folder.path, part, file)}`;
      scope.start('prometheus', [config, `--web.listen-address=127.0.0.1:${port}`, ...more]);
    };
    const data = join(folder.path, 'data');
    start(
      'server',
      'prometheus.yml',
      serverPort,
      '--web.enable-remote-write-receiver',
      `--storage.tsdb.path=${data}`,
    );
    start('agent', 'agent.yml', agentPort, '--enable-feature=agent', `--storage.agent.path=${data}-agent`);
    const valueOf = async (query: string): Promise<number> => {
      const answer = await fetch(
        `http://127.0.0.1:${serverPort}/api/v1/query?query=${encodeURIComponent(query)}`,
      );
      const { data: found } = (await answer.json()) as { data: { result: { value: [number, string] }[] } };
      return Number(found.result[0]?.value[1]);
    };
    await waitUntil(
      'the counter at the server',
      async () => (await valueOf('trades_total{agent!="",side="buy"}')) > 1,
    );
    await waitUntil('a rule of it', async () => (await valueOf('side:trades:total{side="buy"}')) > 1);
    expect(await valueOf('up{job="sidecar",agent="trading-telemetry"}')).toBe(1);
  });
});
