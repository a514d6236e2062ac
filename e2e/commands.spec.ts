import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { childrenOf, isAlive, ProgramScope } from '../testing/program.js';
import { ROOT } from '../testing/root.js';
import { waitUntil } from '../testing/wait.js';
import { describeWith } from '../testing/installed.js';

const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};
const COMMANDS = Object.entries(scripts).map(
  ([name, script]) => [name, script.replace(/^exec node /, '').split(' ')] as const,
);

/** A command once took `--help` for nothing, ran all it had, and changed a file of the repository. */
describe('npm run', () => {
  const scope = new ProgramScope();
  afterEach(() => scope.dispose());

  it.each(COMMANDS)(
    '%s explains itself at once, and refuses an option that it does not have',
    async (name, args) => {
      expect(scripts[name]).toMatch(/^exec node /);
      const help = scope.start(process.execPath, [...args, '--help']);
      const wrong = scope.start(process.execPath, [...args, '--bogus-option']);

      expect(await help.exited).toEqual({ code: 0, signal: null });
      expect(help.stdout).toMatch(/^usage:/);
      expect(help.stderr).toBe('');
      expect(await wrong.exited).toEqual({ code: 64, signal: null });
      expect(wrong.stderr).toContain('--bogus-option');
      expect(wrong.stdout).not.toContain('building');
    },
  );

  it('load says at its end why it failed, and does not go on in vain', async () => {
    const server = createServer((request, response) => {
      request.resume();
      if (request.url?.startsWith('/metrics') === true) {
        response.end('trades_total{side="buy"} 0\ntrades_total{side="sell"} 0\n');
        return;
      }
      response.writeHead(409, { 'content-type': 'application/problem+json' });
      response.end('{"status":409,"detail":"wait=applied needs DELIVERY=durable"}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const options = `--url ${url} --sidecar ${url} --wait applied --rate 200 --duration 60`;
    const load = scope.start(process.execPath, ['scripts/load.mjs', ...options.split(' ')]);

    expect((await load.exited).code).toBe(1);
    server.closeAllConnections();
    server.close();
    expect(load.stdout).toMatch(/^failed: the run was given up after \d+ events$/m);
    expect(load.stdout.trimEnd().split('\n').at(-1)).toMatch(
      /^failed: (\d+) of \1 events were not accepted: \1 × http_409 \(wait=applied needs DELIVERY=durable\)$/,
    );
  });
});

describeWith('prometheus', 'npm run dashboards:verify', () => {
  const scope = new ProgramScope();
  afterEach(() => scope.dispose());

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('ends what it has started on %s', async (signal) => {
    const verify = scope.start(process.execPath, ['scripts/dashboards-verify.mjs']);
    await verify.waitForOutput(/^starting Prometheus and both apps/m, 100_000);
    const children = await waitUntil('the started programs', () => {
      const pids = childrenOf(verify.pid);
      return pids.length >= 3 && pids;
    });
    const all = [...children, ...children.flatMap(childrenOf)];

    const { code } = await verify.stop(signal);

    expect(code).toBe({ SIGHUP: 129, SIGINT: 130, SIGTERM: 143 }[signal]);
    expect(all.filter(isAlive)).toEqual([]);
  });
});
