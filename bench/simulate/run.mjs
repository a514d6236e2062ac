// `npm run simulate`: builds the simulation when it is stale, and runs it in this very process.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from '../../scripts/lib/build.mjs';
import { ensureInstalled } from '../../scripts/lib/install.mjs';
import { readOptions } from '../../scripts/lib/options.mjs';
import { ROOT } from '../../scripts/lib/project.mjs';
import { runScript, ScriptError } from '../../scripts/lib/script-error.mjs';
import { endOnSignals } from '../../scripts/lib/stop-signal.mjs';

const USAGE = `usage: npm run simulate -- [options]
Predicts lag, utilisation and recovery of many sidecars on NATS JetStream, from measured costs.

what
  --rate N             events a second (1e6)
  --seconds S          how long (30)
  --publishers N       how many share the rate (10)
  --sidecars N         the COUNT of SIDECAR_SHARD (20)
  --partitions N       NATS_PARTITIONS (twice the sidecars, at least 8)
  --replicas N         NATS_REPLICAS, 1 or 3 (1)
  --batch N            events in a message (256)
  --arrivals LAW       even or poisson (poisson)
  --seed N             the same seed gives the same figures (1)
  --lost-at S          when the first sidecar is lost (a fifth of the time)
  --away S             how long its partitions have no owner; 0: none is lost (5)
  --refill S           how far back its successor reads, to fill its windows (300)
  --warm-up S          what a new process loses until its code is compiled (0.4)

what the work costs, in microseconds (as measured: bench/simulate/costs.ts)
  --publish-event N, --publish-message N     a publisher
  --store-event N, --store-message N         the server that leads the stream
  --handle-event N, --handle-message N       a sidecar
  --commit N                                 a sidecar, for one commit
  --commit-wait N                            the broker's answer to it
  --turn N                                   most messages before a commit (a number)

  --json FILE          the figures for programs
  --paper              the arithmetic for 10⁶ and 10⁷ events a second: docs/how-to/scale-out.md has its end
  --against-real       measures the costs on this machine, predicts how a sidecar drains a backlog, and looks`;

/** @param {string} name of a compiled file */
const load = (name) => import(pathToFileURL(join(ROOT, 'dist', 'bench', 'bench', 'simulate', name)).href);

await runScript(async () => {
  const { values } = readOptions('simulate', USAGE);
  await ensureInstalled();
  await build(['bench'], { onlyStale: true });
  if (values['against-real'] !== true) {
    const { runSimulation } = await load('main.js');
    return runSimulation(values);
  }
  if (Object.keys(values).length > 1)
    throw new ScriptError('simulate: --against-real stands alone (--help shows all options)', 64);
  if (spawnSync('nats-server', ['--version']).error !== undefined)
    throw new ScriptError(
      'simulate: --against-real needs a nats-server on the PATH (Debian: apt-get install nats-server)',
      69,
    );
  await build(['sidecar', 'testing'], { onlyStale: true });
  endOnSignals();
  const { compareWithReal } = await import('./against-real.mjs');
  return compareWithReal({
    ...(await load('simulation.js')),
    ...(await load('closed-forms.js')),
    ...(await load('simulation-options.js')),
  });
});
