// `npm start`: everything from a fresh clone to two healthy apps, and back to nothing on one Ctrl-C.
import { build } from './lib/build.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { assertPortIsFree } from './lib/port.mjs';
import { entryOf } from './lib/project.mjs';
import { runScript } from './lib/script-error.mjs';
import { Service } from './lib/service.mjs';
import { settingsOf } from './lib/settings.mjs';
import { Supervisor } from './lib/supervisor.mjs';
import { readOptions } from './lib/options.mjs';

const HEALTH_TIMEOUT_MS = 30_000;

/**
 * @param {string} sidecar its URL
 * @param {string} publisher its URL
 */
function printAddresses(sidecar, publisher) {
  const rows = [
    ['page', `${publisher}/`],
    ['API (Swagger)', `${publisher}/docs`],
    ['metrics', `${sidecar}/metrics/`],
    ['live stream', `${sidecar}/stream`],
    ['dead letters', `${sidecar}/dead-letters`],
    ['health', `${publisher}/health  ${sidecar}/health`],
  ];
  console.log(`\n${rows.map(([what, where]) => `  ${String(what).padEnd(14)} ${where}`).join('\n')}`);
}

const SOCKETS = { 'push-pull': 'PUSH to PULL', 'pub-sub': 'PUB to SUB', 'dealer-router': 'DEALER to ROUTER' };
const FATES = {
  acknowledged: 'the publisher keeps trades in memory until the sidecar acknowledges them',
  durable: 'the publisher keeps trades on disk until the sidecar acknowledges them',
  'at-most-once': 'trades wait in the publisher while the sidecar is away',
};

/**
 * How trades travel, as the publisher is set. It is asked, as it alone knows what its .env and the defaults make of it.
 * @param {string} publisher its URL
 */
async function deliveryWords(publisher) {
  /** @type {{ pair: keyof typeof SOCKETS, stream?: string, delivery: keyof typeof FATES }} */
  const { pair, stream, delivery } = await (await fetch(`${publisher}/page/settings`)).json();
  const label = `  ${'delivery'.padEnd(14)} `;
  if (stream !== undefined) {
    const place = delivery === 'durable' ? 'on disk' : 'in memory';
    return `${label}NATS, stream ${stream}: the publisher keeps trades ${place} until the broker has stored them\n`;
  }
  const fate = pair === 'pub-sub' ? 'trades are dropped while no sidecar is subscribed' : FATES[delivery];
  return `${label}${SOCKETS[pair]}, ${delivery}: ${fate}\n`;
}

const USAGE = `usage: npm start
Installs and builds what is missing, starts the sidecar and the publisher, and stops both, drained, on Ctrl-C.
Settings come from the environment and apps/*/.env; SIDECAR_PORT and PUBLISHER_PORT are the apps' ports.`;

await runScript(async () => {
  readOptions('start', USAGE);
  const begunMs = performance.now();
  if (process.env['PORT'] !== undefined) {
    console.error(
      'PORT is not used here, as it would be the port of both apps: set PUBLISHER_PORT and SIDECAR_PORT',
    );
  }
  const sidecar = settingsOf('sidecar', process.env);
  const publisher = settingsOf('publisher', process.env, {
    SIDECAR_HTTP_URL: sidecar.url,
    SENT_TIME: 'true',
  });
  await assertPortIsFree(sidecar);
  await assertPortIsFree(publisher);
  await ensureInstalled();
  await build(['sidecar', 'publisher', 'web'], { onlyStale: true });

  const supervisor = new Supervisor();
  const launchedMs = performance.now();
  return supervisor.run(async (add) => {
    for (const { app, url, env } of [sidecar, publisher]) {
      const service = new Service(app, [entryOf(app)], env);
      add(service);
      console.log(`${app} is starting (pid ${service.pid})`);
      await service.healthy(`${url}/health`, HEALTH_TIMEOUT_MS, supervisor.stopRequested);
    }
    printAddresses(sidecar.url, publisher.url);
    console.log(await deliveryWords(publisher.url));
    const [total, start] = [begunMs, launchedMs].map((sinceMs) =>
      ((performance.now() - sinceMs) / 1000).toFixed(1),
    );
    console.log(
      `ready in ${total} s (the apps started in ${start} s); Ctrl-C stops both: the publisher drains, then the sidecar`,
    );
  });
});
