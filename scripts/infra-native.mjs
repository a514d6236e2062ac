#!/usr/bin/env node
/**
 * Runs the project's Prometheus configuration on the `prometheus` binary of the PATH, for machines without
 * Docker. Settings come from the environment:
 *   PROMETHEUS_PORT   where Prometheus listens on 127.0.0.1 (9090; 0 = any free port, printed)
 *   PUBLISHER_URL     the publisher to scrape (http://127.0.0.1:8000)
 *   SIDECAR_URL       the sidecar to scrape (http://127.0.0.1:8001)
 * Exit codes: 0 stopped by SIGINT, SIGTERM or SIGHUP, 1 could not run, 69 no such binary, 78 a wrong setting.
 */
import { spawn } from 'node:child_process';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { portSetting } from './lib/port.mjs';
import { readOptions } from './lib/options.mjs';
import { ScriptError } from './lib/script-error.mjs';

const CONFIG_FOLDER = fileURLToPath(new URL('../deploy/prometheus/', import.meta.url));
const HOST = '127.0.0.1';
const READY_TIMEOUT_MS = 30_000;
const READY_POLL_MS = 50;
const EXIT = { stopped: 0, failed: 1, unavailable: 69, configuration: 78 };

/** A failure the user can act on: one line on stderr and an exit code, no stack. */
class InfraError extends Error {
  /**
   * @param {string} message what is wrong and what to do about it
   * @param {number} exitCode
   */
  constructor(message, exitCode) {
    super(message);
    this.exitCode = exitCode;
  }
}

/**
 * `host:port` of an app, as Prometheus wants its targets.
 * @param {string} key
 * @param {string} fallback
 */
function targetFromEnv(key, fallback) {
  const value = process.env[key] || fallback;
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url?.protocol !== 'http:' || url.pathname !== '/' || url.username !== '' || url.password !== '') {
    // What is wrong with it may be what must not be shown: a password.
    throw new InfraError(`${key} must look like ${fallback}`, EXIT.configuration);
  }
  return `${url.hostname}:${url.port || '80'}`;
}

function portFromEnv() {
  const value = portSetting('PROMETHEUS_PORT', process.env) ?? '9090';
  const port = Number(value);
  if (!/^\d+$/.test(value) || port > 65_535) {
    throw new InfraError(`PROMETHEUS_PORT must be a port, 0 to 65535, not "${value}"`, EXIT.configuration);
  }
  return port;
}

/**
 * Asks for the port before Prometheus does: its own answer to a taken port is a page of log.
 * @param {number} port 0 = any free one
 * @returns {Promise<number>} the port, free a moment ago
 */
function claimPort(port) {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (/** @type {NodeJS.ErrnoException} */ error) => {
      const reason = error.code === 'EADDRINUSE' ? 'is already in use' : `cannot be used (${error.code})`;
      const message = `port ${port} on ${HOST} ${reason}; set PROMETHEUS_PORT to another`;
      reject(new InfraError(message, EXIT.failed));
    });
    probe.listen(port, HOST, () => {
      const address = probe.address();
      const claimed = address !== null && typeof address === 'object' ? address.port : port;
      probe.close(() => resolve(claimed));
    });
  });
}

/**
 * The repository's configuration with this run's targets, beside an empty data folder.
 * @param {{ publisher: string, sidecar: string }} targets
 * @returns {Promise<string>} the temporary folder
 */
async function stage(targets) {
  const folder = await mkdtemp(join(tmpdir(), 'trading-prometheus-'));
  for (const part of ['prometheus.yml', 'rules', 'targets']) {
    await cp(join(CONFIG_FOLDER, part), join(folder, part), { recursive: true });
  }
  for (const [job, target] of Object.entries(targets)) {
    await writeFile(join(folder, 'targets', `${job}.json`), JSON.stringify([{ targets: [target] }]));
  }
  return folder;
}

/**
 * @param {string} folder
 * @param {number} port
 */
function startPrometheus(folder, port) {
  const child = spawn(
    'prometheus',
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=${HOST}:${port}`,
      '--log.level=warn',
    ],
    { stdio: ['ignore', 'inherit', 'inherit'] },
  );
  /** @type {Promise<never>} */
  const failed = new Promise((_, reject) => {
    child.once('error', (/** @type {NodeJS.ErrnoException} */ error) => {
      const missing = error.code === 'ENOENT';
      const hint =
        'there is no "prometheus" on the PATH; install it (Debian, Ubuntu: apt-get install prometheus; ' +
        'macOS: brew install prometheus), or use Docker: npm run infra:up';
      const message = missing ? hint : `prometheus did not start: ${error.message}`;
      reject(new InfraError(message, missing ? EXIT.unavailable : EXIT.failed));
    });
  });
  /** @type {Promise<string>} */
  const ended = new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
  return { child, failed, ended };
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
      throw new InfraError(`prometheus was not ready within ${READY_TIMEOUT_MS / 1000} s`, EXIT.failed);
    }
    await delay(READY_POLL_MS);
  }
}

/**
 * Runs until a signal or until Prometheus ends by itself.
 * @param {string} folder
 * @param {number} port
 * @param {{ publisher: string, sidecar: string }} targets
 * @param {AbortSignal} stop
 */
async function run(folder, port, targets, stop) {
  const origin = `http://${HOST}:${port}`;
  const { child, failed, ended } = startPrometheus(folder, port);
  const over = new AbortController();
  const untilEnd = Promise.race([failed, ended]).finally(() => over.abort());
  const stopChild = () => child.kill('SIGTERM');
  stop.addEventListener('abort', stopChild);
  try {
    await Promise.race([untilEnd, whenReady(origin, over.signal)]);
    if (!over.signal.aborted) {
      console.log(
        `Prometheus is ready at ${origin} (publisher ${targets.publisher}, sidecar ${targets.sidecar})`,
      );
    }
    const how = await untilEnd;
    if (!stop.aborted) throw new InfraError(`prometheus ended by itself (${how})`, EXIT.failed);
  } finally {
    stopChild();
    // A child that never started has no pid and no exit to wait for.
    if (child.pid !== undefined) await ended;
  }
}

async function main() {
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => stop.abort());
  const targets = {
    publisher: targetFromEnv('PUBLISHER_URL', 'http://127.0.0.1:8000'),
    sidecar: targetFromEnv('SIDECAR_URL', 'http://127.0.0.1:8001'),
  };
  const port = await claimPort(portFromEnv());
  const folder = await stage(targets);
  try {
    if (!stop.signal.aborted) await run(folder, port, targets, stop.signal);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const USAGE = `usage: npm run infra:native
Runs the project's Prometheus configuration on the binary of the PATH, until it is stopped.
PROMETHEUS_PORT (9090; 0: any free port), PUBLISHER_URL and SIDECAR_URL come from the environment.`;

try {
  readOptions('infra:native', USAGE);
  await main();
  process.exitCode = EXIT.stopped;
} catch (error) {
  if (!(error instanceof InfraError || error instanceof ScriptError)) throw error;
  console.error(error instanceof InfraError ? `infra:native: ${error.message}` : error.message);
  process.exitCode = error.exitCode;
}
