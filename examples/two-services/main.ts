import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Both services as processes of their own, on a socket file; over a network it is `tcp://host:port`. */
const folder = mkdtempSync(join(tmpdir(), 'two-services-'));
const start = (name: string) =>
  spawn(process.execPath, [join(import.meta.dirname, name), `ipc://${join(folder, 'stock')}`], {
    stdio: 'inherit',
  });

const stock = start('stock.js');
const shop = start('shop.js');
[process.exitCode] = (await once(shop, 'exit')) as [number];
stock.kill();
await once(stock, 'exit');
rmSync(folder, { recursive: true });
