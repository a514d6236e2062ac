#!/usr/bin/env node
/**
 * `npm run infra:up` and `npm run infra:down`: Prometheus and Grafana in containers.
 *   up          for apps that run on this machine (npm start)
 *   up --apps   builds and runs the apps in containers too
 *   down        stops all of them; the recorded data stays in its volumes
 * Exit codes: Docker's own, 64 wrong arguments, 69 no Docker Compose.
 */
import { spawnSync } from 'node:child_process';
import { platform } from 'node:process';
import { readOptions } from './lib/options.mjs';
import { runScript, ScriptError } from './lib/script-error.mjs';
import { runProgram } from './lib/step.mjs';

const USAGE = `usage: npm run infra:up -- [--apps] | npm run infra:down
  --apps  builds and runs the apps in containers too`;
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

await runScript(async () => {
  const { values, words } = readOptions('infra', USAGE, { takesWords: true });
  const wanted = plan([...words, ...(values['apps'] === true ? ['--apps'] : [])]);
  if (wanted === undefined) throw new ScriptError(USAGE, EXIT.usage);
  if (spawnSync('docker', ['compose', 'version'], { stdio: 'ignore' }).status !== 0) {
    const hint = 'infra: "docker compose" cannot be run here; without Docker: npm run infra:native';
    throw new ScriptError(hint, EXIT.unavailable);
  }
  const env = { ...process.env, PROMETHEUS_TARGETS: wanted.targets };
  const code = await runProgram('docker', ['compose', ...wanted.args], env);
  if (code === 0 && wanted.args.includes('up'))
    console.log('Prometheus: http://127.0.0.1:9090  Grafana: http://127.0.0.1:3000');
  return code;
});
