import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { IsOptional, IsString } from 'class-validator';
import { loadConfig } from './config-loader.js';
import { nearestName } from './editor-text.js';

class DeskConfig {
  @IsOptional()
  @IsString()
  HOST?: string;

  @IsOptional()
  @IsString()
  SIDECAR_HTTP_URL?: string;
}

describe('a .env file', () => {
  let folder: string;
  let file: string;
  const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation();

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'editor-text-'));
    file = join(folder, '.env');
    warn.mockClear();
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  afterAll(() => warn.mockRestore());

  const load = (content: string | Buffer): DeskConfig => {
    writeFileSync(file, content);
    return loadConfig(DeskConfig, { envFile: file, env: {} });
  };

  it.each([
    ['a byte order mark', '\uFEFFHOST=a\nSIDECAR_HTTP_URL=b\n'],
    ['the line ends of Windows', 'HOST=a\r\nSIDECAR_HTTP_URL=b\r\n'],
    ['both, and quotes', '\uFEFFHOST="a"\r\nexport SIDECAR_HTTP_URL=\'b\'\r\n'],
    ['no line end at its end', '# desk\nHOST=a\nSIDECAR_HTTP_URL=b'],
  ])('with %s loses no line', (_, content) => {
    expect({ ...load(content) }).toEqual({ HOST: 'a', SIDECAR_HTTP_URL: 'b' });
    expect(warn).not.toHaveBeenCalled();
  });

  it.each([
    ['UTF-16', Buffer.from('\uFEFFHOST=a\n', 'utf16le')],
    ['Latin-1', Buffer.from('HOST=gr\u00fcn\n', 'latin1')],
  ])('in %s is a fault of the configuration', (_, content) => {
    expect(() => load(content)).toThrow(expect.objectContaining({ code: 'ERR_CONFIGURATION' }));
  });

  it('that is a folder is one too', () => {
    expect(() => loadConfig(DeskConfig, { envFile: folder, env: {} })).toThrow(/cannot be read \(EISDIR\)/);
  });

  it('names once the keys that no setting has, with the name that was probably meant, and no value', () => {
    const content = 'HOSTT=a\nSIDECAR_HTTP_URI=http://x:secret@y\nQUITE_ANOTHER=1\n';
    load(content);
    load(content);
    expect(warn.mock.calls.map(([text]) => String(text))).toEqual([
      `${file} has keys that are not settings and have no effect: HOSTT (HOST?), QUITE_ANOTHER, SIDECAR_HTTP_URI (SIDECAR_HTTP_URL?)`,
    ]);
  });
});

describe('nearestName', () => {
  it.each([
    ['host', 'HOST'],
    ['HSOT', 'HOST'],
    ['PROT', undefined],
    ['SIDECAR_URL', 'SIDECAR_HTTP_URL'],
    ['', undefined],
  ])('of %p is %p', (name, expected) => {
    expect(nearestName(name, ['HOST', 'SIDECAR_HTTP_URL'])).toBe(expected);
  });
});
