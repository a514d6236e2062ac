/** A client without the right to an ipc path tried for ever without a word (as libzmq does while nobody is there). */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { Pull } from 'zeromq';
import { ZmqClient } from '../../src/index.js';
import { until } from '../harness/until.js';

const NOBODY = 65_534;

it('says once which right an ipc path lacks, and connects when it has it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ipc-access-'));
  const address = `ipc://${join(folder, 'trades.sock')}`;
  const lines: string[] = [];
  const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation((line: unknown) => {
    lines.push(String(line));
  });
  const pull = new Pull({ linger: 0 });
  await pull.bind(address);
  const client = new ZmqClient({ connect: address, lingerMs: 0, reconnectIntervalMs: 10 });
  const isRoot = process.geteuid?.() === 0;
  chmodSync(folder, 0);
  // Root may do anything: for it the effective user is changed, of all threads.
  if (isRoot) process.seteuid?.(NOBODY);
  try {
    await client.open();
    await until(() => lines.length > 0);
    await until(() => client.stats().state === 'connecting');
  } finally {
    if (isRoot) process.seteuid?.(0);
    chmodSync(folder, 0o700);
  }
  await until(() => client.stats().state === 'connected');
  expect(lines).toEqual([
    expect.stringMatching(
      /^cannot connect to ipc:\/\/\S+: the user \d+ may not write to '.*' \(EACCES; .*; trying again$/,
    ),
  ]);
  await client.close();
  pull.close();
  warn.mockRestore();
  rmSync(folder, { recursive: true });
});
