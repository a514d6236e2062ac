#!/usr/bin/env node
/**
 * Runs the project's Prometheus configuration on the `prometheus` binary of the PATH, for machines without
 * Docker. Settings come from the environment:
 *   PROMETHEUS_PORT   where Prometheus listens on 127.0.0.1 (9090; 0 = any free port, printed)
 *   PUBLISHER_URL     the publisher to scrape, or several with commas between them (http://127.0.0.1:8000)
 *   SIDECAR_URL       the sidecar, or several (http://127.0.0.1:8001)
 *   ALERTMANAGER_URL  where alerts go: nowhere unless it is set
 * Exit codes: 0 stopped by SIGINT, SIGTERM or SIGHUP, 1 could not run, 69 no such binary, 78 a wrong setting.
 */
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { claimPort, EXIT, HOST, InfraProgram, named, runUntilStopped } from './lib/infra.mjs';
import { readOptions } from './lib/options.mjs';
import { portSetting } from './lib/port.mjs';
import { runScript, ScriptError } from './lib/script-error.mjs';
import { stopSignal } from './lib/stop-signal.mjs';

const CONFIG_FOLDER = fileURLToPath(new URL('../deploy/prometheus/', import.meta.url));
const HINT =
  'install it (Debian, Ubuntu: apt-get install prometheus; macOS: brew install prometheus), ' +
  'or use Docker: npm run infra:up';
const READY_TIMEOUT_MS = 30_000;
const READY_POLL_MS = 50;

/**
 * `host:port` of an app, as Prometheus wants its targets.
 * @param {string} key
 * @param {string} value
 * @param {string} example
 */
function targetOf(key, value, example) {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url?.protocol !== 'http:' || url.pathname !== '/' || url.username !== '' || url.password !== '') {
    // What is wrong with it may be what must not be shown: a password.
    throw new ScriptError(`${key} must look like ${example}`, EXIT.configuration);
  }
  return `${url.hostname}:${url.port || '80'}`;
}

/**
 * The targets of a setting: one address, or several with commas between them.
 * @param {string} key
 * @param {string} fallback
 */
function targetsFromEnv(key, fallback) {
  const values = (process.env[key] || fallback).split(',');
  return values.map((value) => targetOf(key, value.trim(), fallback));
}

function portFromEnv() {
  const value = portSetting('PROMETHEUS_PORT', process.env) ?? '9090';
  const port = Number(value);
  if (!/^\d+$/.test(value) || port > 65_535) {
    throw new ScriptError(`PROMETHEUS_PORT must be a port, 0 to 65535, not "${value}"`, EXIT.configuration);
  }
  return port;
}

/**
 * The repository's configuration with this run's targets, beside an empty data folder.
 * @param {{ publisher: string[], sidecar: string[], alertmanager: string[] }} targets
 * @returns {Promise<string>} the temporary folder
 */
async function stage(targets) {
  const folder = await mkdtemp(join(tmpdir(), 'trading-prometheus-'));
  for (const part of ['prometheus.yml', 'rules', 'targets']) {
    await cp(join(CONFIG_FOLDER, part), join(folder, part), { recursive: true });
  }
  for (const [job, addresses] of Object.entries(targets)) {
    const groups = addresses.length === 0 ? [] : [{ targets: addresses }];
    await writeFile(join(folder, 'targets', `${job}.json`), JSON.stringify(groups));
  }
  return folder;
}

/**
 * @param {string} folder
 * @param {number} port
 */
function startPrometheus(folder, port) {
  const args = [
    `--config.file=${join(folder, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=${HOST}:${port}`,
    '--log.level=warn',
  ];
  return new InfraProgram('prometheus', args, HINT);
}

/**
 * Waits until Prometheus answers queries.
 * @param {string} origin
 * @param {AbortSignal} signal ends the wait
 */
async function whenReady(origin, signal) {
  const deadlineMs = performance.now() + READY_TIMEOUT_MS;
  while (!signal.aborted) {
    // Refused until it listens, 503 until it has loaded: both mean "not yet".
    const response = await fetch(`${origin}/-/ready`).catch(() => undefined);
    if (response?.ok) return;
    if (performance.now() > deadlineMs) {
      throw new ScriptError(`prometheus was not ready within ${READY_TIMEOUT_MS / 1000} s`, EXIT.failed);
    }
    await delay(READY_POLL_MS);
  }
}

async function main() {
  const stop = stopSignal(() => undefined);
  const targets = {
    publisher: targetsFromEnv('PUBLISHER_URL', 'http://127.0.0.1:8000'),
    sidecar: targetsFromEnv('SIDECAR_URL', 'http://127.0.0.1:8001'),
    alertmanager: process.env['ALERTMANAGER_URL']
      ? targetsFromEnv('ALERTMANAGER_URL', 'http://127.0.0.1:9093')
      : [],
  };
  const port = await claimPort(portFromEnv(), 'PROMETHEUS_PORT');
  const folder = await stage(targets);
  const origin = `http://${HOST}:${port}`;
  const scraped = `publisher ${targets.publisher.join(', ')}, sidecar ${targets.sidecar.join(', ')}`;
  try {
    if (stop.aborted) return;
    await runUntilStopped([startPrometheus(folder, port)], {
      untilReady: (over) => whenReady(origin, over),
      onReady: () => console.log(`Prometheus is ready at ${origin} (${scraped})`),
      stop,
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const USAGE = `usage: npm run infra:native
Runs the prometheus program on the PATH with the project's configuration, until you stop it.
PROMETHEUS_PORT (9090; 0: any free port), PUBLISHER_URL, SIDECAR_URL and ALERTMANAGER_URL (none) come from the environment.`;

await runScript(async () => {
  readOptions('infra:native', USAGE);
  await named('infra:native', main);
});
