// `npm run bench:setup`: installs what the benchmark compares the product with: brokers, the original design's Python
// packages, wrk (all Debian's), and the client packages in bench/clients.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from '../../scripts/lib/project.mjs';
import { runScript } from '../../scripts/lib/script-error.mjs';
import { runProgram, runStep } from '../../scripts/lib/step.mjs';
import { readOptions } from '../../scripts/lib/options.mjs';

const PACKAGES = [
  'nats-server',
  'redis-server',
  'mosquitto',
  'rabbitmq-server',
  'wrk',
  'python3',
  'python3-zmq',
  'python3-fastapi',
  'python3-uvicorn',
  // The packages that make uvicorn fast; it uses them when they are installed.
  'python3-uvloop',
  'python3-httptools',
  'python3-pydantic',
  'python3-multipart',
  'python3-prometheus-client',
];

/**
 * @param {string} name of a Debian package
 * @returns {boolean}
 */
function isMissing(name) {
  const { status, stdout } = spawnSync('dpkg-query', ['-W', '-f', '${db:Status-Status}', name], {
    encoding: 'utf8',
  });
  return status !== 0 || stdout !== 'installed';
}

/** @param {string[]} packages */
async function installPackages(packages) {
  // The benchmark starts servers of its own: RUNLEVEL keeps Debian's packages from starting theirs now.
  const apt = ['DEBIAN_FRONTEND=noninteractive', 'RUNLEVEL=1', 'apt-get'];
  await runProgram('env', [...apt, 'update', '-qq']);
  const options = ['install', '-y', '-qq', '--no-install-recommends'];
  await runStep('apt-get install', 'env', [...apt, ...options, ...packages]);
}

const USAGE = `usage: npm run bench:setup
Installs what the benchmark compares the product with: Debian's packages (as root), and the clients in bench/clients.`;

await runScript(async () => {
  readOptions('bench:setup', USAGE);
  const missing = PACKAGES.filter(isMissing);
  const hasApt = spawnSync('apt-get', ['--version'], { stdio: 'ignore' }).status === 0;
  if (missing.length > 0 && hasApt && process.getuid?.() === 0) {
    await installPackages(missing);
  } else if (missing.length > 0) {
    const how = hasApt
      ? `sudo apt-get install --no-install-recommends ${missing.join(' ')}`
      : missing.join(', ');
    console.log(`install these yourself (the benchmark leaves out what is missing): ${how}`);
  }
  const folder = join(ROOT, 'bench', 'clients');
  await runStep('npm install', 'npm', [
    'install',
    '--prefix',
    folder,
    '--no-package-lock',
    '--no-audit',
    '--no-fund',
  ]);
});
