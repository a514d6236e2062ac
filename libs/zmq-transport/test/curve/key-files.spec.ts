/** Key files as `npm run keys` lays them out: read whole, refused with everything that is wrong, watched. */
import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { KeyFilesError, KeyFilesWatch, readClientKeys, readServerKeys } from '../../src/index.js';
import { CLIENT, SERVER, STRANGER } from '../harness/secured.js';
import { until } from '../harness/until.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keys-'));
  mkdirSync(join(folder, 'clients'), { mode: 0o700 });
  mkdirSync(join(folder, 'allowed'), { mode: 0o700 });
  write('server.key', SERVER.publicKey, SERVER.secretKey);
  write('server.pub', SERVER.publicKey);
  write('clients/me.key', CLIENT.publicKey, CLIENT.secretKey);
  write('allowed/me.pub', CLIENT.publicKey);
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(file: string, publicKey: string, secretKey?: string): void {
  const secret = secretKey === undefined ? '' : `    secret-key = "${secretKey}"\n`;
  writeFileSync(join(folder, file), `curve\n    public-key = "${publicKey}"\n${secret}`, { mode: 0o600 });
}

function faultsOf(read: () => unknown): readonly string[] {
  try {
    read();
    return [];
  } catch (error) {
    return error instanceof KeyFilesError ? error.faults : [`not a KeyFilesError: ${String(error)}`];
  }
}

describe('a key folder', () => {
  it('gives each side what it needs', () => {
    expect(readServerKeys(folder)).toEqual({ keyPair: SERVER, allowedClients: [CLIENT.publicKey] });
    expect(readClientKeys(folder, 'me')).toEqual({ keyPair: CLIENT, serverKey: SERVER.publicKey });
  });

  it('is refused with all its faults at once, and without a key in them', () => {
    writeFileSync(join(folder, 'server.key'), 'half');
    write('allowed/short.pub', STRANGER.publicKey.slice(1));
    const faults = faultsOf(() => readServerKeys(folder));
    expect(faults.map((fault) => fault.slice(folder.length + 1))).toEqual([
      'server.key: its public-key is missing',
      'server.key: its secret-key is missing',
      'allowed/short.pub: its public-key is not a key (40 characters of Z85)',
    ]);
  });

  it('is used as orchestrators mount it, and where others may use it on a disk of our own, one line says so', () => {
    const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation();
    chmodSync(join(folder, 'server.key'), 0o440);
    chmodSync(join(folder, 'allowed/me.pub'), 0o444);
    expect(readServerKeys(folder)).toEqual({ keyPair: SERVER, allowedClients: [CLIENT.publicKey] });
    expect(warn.mock.calls).toEqual([]);

    chmodSync(join(folder, 'server.key'), 0o640);
    chmodSync(join(folder, 'allowed'), 0o777);
    for (let look = 0; look < 3; look += 1) readServerKeys(folder);
    const lines = warn.mock.calls.map(([line]) => String(line).replaceAll(folder, ''));
    expect(lines).toEqual([
      "/server.key can be used by group or others (mode 0640): chmod go-rwx '/server.key'",
      "/allowed can be changed by group or others (mode 0777): chmod go-rwx '/allowed'",
    ]);
    warn.mockRestore();
  });

  it("is used through Kubernetes' links, and followed when they are changed", () => {
    const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation();
    renameSync(join(folder, 'server.key'), join(folder, 'allowed', 'server.key'));
    renameSync(join(folder, 'allowed'), join(folder, '..2026_1'));
    chmodSync(join(folder, '..2026_1'), 0o777);
    chmodSync(join(folder, '..2026_1/server.key'), 0o644);
    symlinkSync('..2026_1', join(folder, '..data'));
    symlinkSync('..data/server.key', join(folder, 'server.key'));
    symlinkSync('..data', join(folder, 'allowed'));
    expect(readServerKeys(folder)).toEqual({ keyPair: SERVER, allowedClients: [CLIENT.publicKey] });
    expect(warn.mock.calls).toEqual([]);
    warn.mockRestore();
  });

  it('is refused when a pair does not belong together, or files are not there', () => {
    write('clients/me.key', STRANGER.publicKey, CLIENT.secretKey);
    rmSync(join(folder, 'server.pub'));
    expect(faultsOf(() => readClientKeys(folder, 'me')).join()).toMatch(/does not match.*does not exist/);
    expect(faultsOf(() => readServerKeys(join(folder, 'none')))).toHaveLength(2);
  });
});

describe('a watch on key files', () => {
  it('tells of changes, and keeps the last usable keys while files cannot be used', async () => {
    const changes: number[] = [];
    const faults: unknown[] = [];
    const watch = new KeyFilesWatch({
      read: () => readServerKeys(folder),
      onChange: ({ allowedClients }) => Promise.resolve(changes.push(allowedClients.length)),
      onFault: (fault) => faults.push(fault),
      intervalMs: 5,
    });
    watch.start();
    write('allowed/other.pub', STRANGER.publicKey);
    await until(() => changes.length === 1);
    writeFileSync(join(folder, 'server.key'), 'half');
    await until(() => faults.length === 1);
    expect(watch.keys.keyPair).toEqual(SERVER);
    write('server.key', SERVER.publicKey, SERVER.secretKey);
    rmSync(join(folder, 'allowed/other.pub'));
    await until(() => changes.length === 2);
    watch.stop();
    expect({ changes, told: faults.length }).toEqual({ changes: [2, 1], told: 1 });
  });
});
