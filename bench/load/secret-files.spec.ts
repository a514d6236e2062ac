import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { curveKeyPair } from 'zeromq';
import { LoadUsageError } from './options/option-values.js';
import { readCurveKeys, readToken } from './secret-files.js';

const folder = mkdtempSync(join(tmpdir(), 'load-secrets-'));
mkdirSync(join(folder, 'clients'));
afterAll(() => rmSync(folder, { recursive: true }));

const write = (name: string, text: string): string => {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
};
const read = () => readCurveKeys({ folder, client: 'load' });

describe('the secrets of the load', () => {
  it('are a token, without the end of its line', () => {
    expect(readToken(write('token', 'a-token\n'))).toBe('a-token');
  });

  it.each([
    ['nothing', ''],
    ['two lines', 'one\ntwo'],
    ['what no header can carry', 'tökén'],
  ])('are no token where a file holds %s', (_, text) => {
    const file = write('token', text);
    expect(() => readToken(file)).toThrow(new LoadUsageError(`--token-file: ${file} contains no token`));
  });

  it('say which file cannot be read', () => {
    const file = join(folder, 'missing');
    expect(() => readToken(file)).toThrow(`--token-file: ${file} cannot be read (ENOENT)`);
  });

  it('are keys in the forms that ZeroMQ’s programs write', () => {
    const own = curveKeyPair();
    const server = curveKeyPair();
    write(
      'clients/load.key',
      `curve\n    public-key = "${own.publicKey}"\n    secret-key = "${own.secretKey}"\n`,
    );
    write('server.pub', `curve\n    public-key='${server.publicKey}' \n`);
    expect(read()).toEqual({
      curvePublicKey: own.publicKey,
      curveSecretKey: own.secretKey,
      curveServerKey: server.publicKey,
    });
  });

  it.each([
    ['characters that are not Z85', '~'.repeat(40)],
    ['digits beyond 32 bits', '#'.repeat(40)],
    ['39 of 40 digits', '0'.repeat(39)],
    ['none', ''],
  ])('are no keys with %s', (_, key) => {
    const file = write('server.pub', `public-key = "${key}"\n`);
    const { publicKey, secretKey } = curveKeyPair();
    write('clients/load.key', `public-key = "${publicKey}"\nsecret-key = "${secretKey}"\n`);
    expect(read).toThrow(new LoadUsageError(`--keys: there is no public key in ${file}`));
  });
});
