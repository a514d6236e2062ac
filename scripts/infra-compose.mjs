#!/usr/bin/env node
/**
 * `npm run infra:up` and `npm run infra:down`: Prometheus and Grafana in containers.
 *   up          for apps that run on this machine (npm start)
 *   up --apps   builds and runs the apps in containers too
 *   down        stops all of them; the recorded data stays in its volumes
 * Exit codes: Docker's own, 64 wrong arguments, 69 no Docker Compose.
 */
import { spawn, spawnSync } from 'node:child_process';
import { platform } from 'node:process';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const EXIT = { usage: 64, unavailable: 69 };
const INFRA = ['-f', 'docker-compose.infra.yml'];
const APPS = ['-f', 'docker-compose.yml'];
const SHARED_NETWORK = ['-f', 'deploy/docker/infra.linux.yml'];

/**
 * The arguments of `docker` for what was asked.
 * @param {string[]} argv
 * @returns {{ args: string[], targets: string } | undefined} undefined when it is no known command
 */
function plan(argv) {
  const up = ['up', '--detach', '--wait'];
  switch (argv.join(' ')) {
    case 'up':
      return { args: [...INFRA, ...(platform === 'linux' ? SHARED_NETWORK : []), ...up], targets: 'host' };
    case 'up --apps':
      return { args: [...APPS, ...INFRA, ...up, '--build'], targets: 'compose' };
    case 'down':
      return { args: [...APPS, ...INFRA, 'down'], targets: 'host' };
    default:
      return undefined;
  }
}

/** @param {{ args: string[], targets: string }} plan */
function runDocker({ args, targets }) {
  const env = { ...process.env, PROMETHEUS_TARGETS: targets };
  const child = spawn('docker', ['compose', ...args], { cwd: ROOT, env, stdio: 'inherit' });
  child.once('exit', (code) => {
    process.exitCode = code ?? 1;
    if (code === 0 && args.includes('up')) {
      console.log('Prometheus: http://127.0.0.1:9090  Grafana: http://127.0.0.1:3000');
    }
  });
}

const wanted = plan(process.argv.slice(2));
if (wanted === undefined) {
  console.error('usage: infra-compose.mjs up [--apps] | down');
  process.exitCode = EXIT.usage;
} else if (spawnSync('docker', ['compose', 'version'], { stdio: 'ignore' }).status !== 0) {
  console.error('infra: "docker compose" cannot be run here; without Docker: npm run infra:native');
  process.exitCode = EXIT.unavailable;
} else {
  runDocker(wanted);
}
