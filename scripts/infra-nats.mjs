#!/usr/bin/env node
/**
 * Runs `nats-server` of the PATH with JetStream on the loopback: one server, or three that replicate what they store.
 * Exit codes: 0 stopped by SIGINT, SIGTERM or SIGHUP, 1 could not run, 64 a wrong command line, 69 no such binary.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { claimPort, EXIT, HOST, InfraProgram, named, runUntilStopped } from './lib/infra.mjs';
import { readOptions } from './lib/options.mjs';
import { runScript, ScriptError } from './lib/script-error.mjs';
import { stopSignal } from './lib/stop-signal.mjs';

const USAGE = `usage: npm run infra:nats -- [options]
Runs nats-server of the PATH with JetStream on 127.0.0.1, until it is stopped.
  --cluster    three servers, for streams with three replicas
  --port N     where clients connect (4222; 0: any free port); a cluster takes this port and the next two
  --data DIR   keeps the files in this folder (a temporary folder, deleted at the end)`;

const HINT =
  'install it (Debian, Ubuntu: apt-get install nats-server; macOS: brew install nats-server), ' +
  'or use Docker: docker compose -f docker-compose.nats.yml up';
const CLUSTER_SIZE = 3;
const READY_TIMEOUT_MS = 30_000;
const READY = /Server is ready/;
/** A cluster stores nothing before its servers have elected one that keeps the list of streams. */
const CLUSTER_READY = /metadata leader/;
/** The lines of its log that somebody should see. */
const NOTABLE = /\[(WRN|ERR|FTL)\]/;

/** @typedef {{ name: string, port: number, routePort: number, folder: string }} Place */

/** A nats-server whose log is read: it says when it is ready. */
class NatsProgram extends InfraProgram {
  /**
   * @param {string} configuration its file
   * @param {RegExp[]} signs the lines that say it is ready
   */
  constructor(configuration, signs) {
    super('nats-server', ['-c', configuration], HINT, 'pipe');
    /** @type {string[]} */
    this.early = [];
    this.isReady = false;
    /** @type {Promise<void>} */
    this.ready = new Promise((resolve) => {
      let rest = '';
      this.child.stderr?.setEncoding('utf8').on('data', (text) => {
        const lines = (rest + text).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) {
          signs = signs.filter((sign) => !sign.test(line));
          this.hear(line);
          if (signs.length === 0) resolve();
        }
      });
    });
  }

  /** Before a cluster is complete, its servers complain that others are missing: shown only when the start fails. @param {string} line */
  hear(line) {
    if (!NOTABLE.test(line)) return;
    if (this.isReady) console.error(line);
    else this.early.push(line);
  }
}

/** @param {string | true | undefined} value */
function portOption(value = '4222') {
  const port = Number(value);
  if (!/^\d+$/.test(String(value)) || port > 65_535) {
    throw new ScriptError(`--port must be a port, 0 to 65535, not "${value}" (--help shows all options)`, 64);
  }
  return port;
}

/**
 * @param {number} firstPort 0 = any free ones
 * @param {boolean} isCluster
 * @param {string} folder
 * @returns {Promise<Place[]>}
 */
function choosePlaces(firstPort, isCluster, folder) {
  const names = isCluster
    ? Array.from({ length: CLUSTER_SIZE }, (_, index) => `server-${index + 1}`)
    : ['server'];
  return Promise.all(
    names.map(async (name, index) => ({
      name,
      port: await claimPort(firstPort === 0 ? 0 : firstPort + index, '--port'),
      routePort: isCluster ? await claimPort(0, '--port') : 0,
      folder: join(folder, name),
    })),
  );
}

/** A string of its configuration. @param {string} value */
const text = (value) => JSON.stringify(value);

/**
 * Writes a server's configuration beside its files.
 * @param {Place} place
 * @param {Place[]} all
 * @returns {Promise<string>} the file
 */
async function configure({ name, port, routePort, folder }, all) {
  const routes = all.map((other) => text(`nats://${HOST}:${other.routePort}`)).join(', ');
  const lines = [
    `listen: ${text(`${HOST}:${port}`)}`,
    `server_name: ${name}`,
    `jetstream: { store_dir: ${text(folder)} }`,
    ...(all.length > 1
      ? [`cluster: { name: trading, listen: ${text(`${HOST}:${routePort}`)}, routes: [${routes}] }`]
      : []),
  ];
  await mkdir(folder, { recursive: true });
  const file = join(folder, 'nats.conf');
  await writeFile(file, `${lines.join('\n')}\n`);
  return file;
}

/**
 * @param {Place[]} places
 * @param {string} kept where the files stay, for people
 * @param {AbortSignal} stop
 */
async function run(places, kept, stop) {
  const isCluster = places.length > 1;
  const files = await Promise.all(places.map((place) => configure(place, places)));
  const servers = files.map((file) => new NatsProgram(file, isCluster ? [READY, CLUSTER_READY] : [READY]));
  const urls = places.map(({ port }) => `nats://${HOST}:${port}`).join(',');
  const late = new ScriptError(`nats-server was not ready within ${READY_TIMEOUT_MS / 1000} s`, EXIT.failed);
  try {
    await runUntilStopped(servers, {
      untilReady: (over) => readyInTime(servers, over, late),
      onReady: () => {
        for (const server of servers) server.isReady = true;
        console.log(`NATS is ready: NATS_URL=${urls}${isCluster ? ' NATS_REPLICAS=3' : ''} (${kept})`);
      },
      stop,
    });
  } catch (error) {
    for (const line of servers.flatMap(({ early, isReady }) => (isReady ? [] : early))) console.error(line);
    throw error;
  }
}

/**
 * @param {NatsProgram[]} servers
 * @param {AbortSignal} over
 * @param {Error} late
 * @returns {Promise<void>}
 */
function readyInTime(servers, over, late) {
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => reject(late), READY_TIMEOUT_MS);
    const done = () => {
      clearTimeout(limit);
      resolve();
    };
    over.addEventListener('abort', done);
    void Promise.all(servers.map(({ ready }) => ready)).then(done);
  });
}

async function main() {
  const { values } = readOptions('infra:nats', USAGE);
  await named('infra:nats', async () => {
    const port = portOption(values['port']);
    const stop = stopSignal(() => undefined);
    const given = values['data'];
    const folder =
      typeof given === 'string' ? resolve(given) : await mkdtemp(join(tmpdir(), 'trading-nats-'));
    try {
      const places = await choosePlaces(port, values['cluster'] === true, folder);
      const kept = given === undefined ? 'the files are deleted at the end' : `files in ${folder}`;
      if (!stop.aborted) await run(places, kept, stop);
    } finally {
      if (given === undefined) await rm(folder, { recursive: true, force: true });
    }
  });
}

await runScript(main);
