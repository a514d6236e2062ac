// The example's routes, by amtool and by a real Alertmanager that tells a server of this test.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join, resolve } from 'node:path';
import { ScratchFolder } from '../../../testing/folder.js';
import { describeWith } from '../../../testing/installed.js';
import { freePort, listen, portOf } from '../../../testing/ports.js';
import { ProgramScope } from '../../../testing/program.js';
import { waitUntil } from '../../../testing/wait.js';

const file = resolve(__dirname, '../alertmanager.yml');
const rules = resolve(__dirname, '../rules');
const configuration = readFileSync(file, 'utf8');
const amtool = (...args: string[]): { status: number | null; stdout: string } =>
  spawnSync('amtool', args, { encoding: 'utf8' });

const alert = (alertname: string, severity: string): object => ({ labels: { alertname, severity } });

interface KnownAlert {
  labels: { alertname: string };
  status: { inhibitedBy: string[] };
}

describeWith('amtool', 'alertmanager.yml', () => {
  const scope = new ProgramScope();
  const folder = new ScratchFolder('alertmanager-');
  let webhook: Server;
  const heard: string[] = [];

  beforeAll(async () => {
    webhook = createServer((request, response) => {
      let text = '';
      request.setEncoding('utf8').on('data', (part: string) => (text += part));
      request.on('end', () => {
        const { alerts } = JSON.parse(text) as { alerts: { labels: { alertname: string } }[] };
        heard.push(...alerts.map(({ labels }) => `${request.url} ${labels.alertname}`));
        response.end();
      });
    });
    await listen(webhook as never);
  });
  afterAll(async () => {
    await scope.dispose();
    folder.remove();
    webhook.closeAllConnections();
    await new Promise((done) => webhook.close(done));
  });

  it('is taken', () => {
    expect(amtool('check-config', file)).toMatchObject({ status: 0 });
  });

  it.each([
    ['critical', 'pager'],
    ['warning', 'desk'],
  ])('sends what is %s to the %s', (severity, receiver) => {
    const { stdout } = amtool('config', 'routes', 'test', '--config.file', file, `severity=${severity}`);
    expect(stdout.trim()).toBe(receiver);
  });

  it('silences only alerts that the rules have', () => {
    const all = ['availability', 'broker', 'flow', 'latency', 'queue']
      .map((name) => readFileSync(join(rules, `alerts-${name}.rules.yml`), 'utf8'))
      .join('');
    const named = new Set(configuration.match(/Trading\w+/g));
    expect(named.size).toBeGreaterThan(5);
    for (const name of named) expect(all).toContain(`alert: ${name}\n`);
  });

  it('tells the cause, not what follows from it', async () => {
    const quick = configuration
      .replaceAll('127.0.0.1:9095', `127.0.0.1:${portOf(webhook as never)}`)
      // The second alert is there before the first is told.
      .replaceAll(/group_wait: \d+s/g, 'group_wait: 500ms');
    const path = join(folder.path, 'alertmanager.yml');
    writeFileSync(path, quick);
    const port = await freePort();
    scope.start('prometheus-alertmanager', [
      `--config.file=${path}`,
      `--storage.path=${join(folder.path, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--cluster.listen-address=',
    ]);
    const api = `http://127.0.0.1:${port}/api/v2/alerts`;
    await waitUntil('Alertmanager', async () => (await fetch(api)).ok);
    const answer = await fetch(api, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify([
        alert('TradingSidecarDown', 'critical'),
        alert('TradingOutboxFilling', 'warning'),
        alert('TradingClockSkew', 'warning'),
      ]),
    });
    expect(answer.status).toBe(200);
    await waitUntil('both alerts', () => heard.length >= 2);
    expect(heard.toSorted()).toEqual(['/desk TradingClockSkew', '/pager TradingSidecarDown']);
    const known = (await (await fetch(api)).json()) as KnownAlert[];
    const inhibited = known.filter(({ status }) => status.inhibitedBy.length > 0);
    expect(inhibited.map(({ labels }) => labels.alertname)).toEqual(['TradingOutboxFilling']);
  });
});
