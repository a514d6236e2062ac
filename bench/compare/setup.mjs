// `npm run bench:setup`: installs the brokers (Debian's packages) and the client packages that Nest wants for them.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from '../../scripts/lib/project.mjs';
import { runScript } from '../../scripts/lib/script-error.mjs';
import { runProgram, runStep } from '../../scripts/lib/step.mjs';

const PACKAGES = ['nats-server', 'redis-server', 'mosquitto', 'rabbitmq-server', 'python3', 'python3-zmq'];

/** @returns {boolean} */
function isRoot() {
  return process.getuid?.() === 0;
}

await runScript(async () => {
  if (spawnSync('apt-get', ['--version'], { stdio: 'ignore' }).status === 0) {
    const sudo = isRoot() ? [] : ['sudo'];
    // The benchmark starts servers of its own: RUNLEVEL keeps Debian's packages from starting theirs now.
    const env = ['env', 'DEBIAN_FRONTEND=noninteractive', 'RUNLEVEL=1'];
    const [command = 'env', ...args] = [...sudo, ...env, 'apt-get'];
    await runProgram(command, [...args, 'update', '-qq']);
    await runStep('apt-get install', command, [
      ...args,
      'install',
      '-y',
      '-qq',
      '--no-install-recommends',
      ...PACKAGES,
    ]);
  } else {
    console.log(
      `no apt-get here: install these yourself, what is missing is left out: ${PACKAGES.join(', ')}`,
    );
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
