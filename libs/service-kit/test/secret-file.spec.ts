import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { readSecretFile } from '../src/secrets/secret-file.js';

describe('a file with a secret', () => {
  const folder = mkdtempSync(join(tmpdir(), 'secret-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  function write(name: string, content: string, mode = 0o600): string {
    const path = join(folder, name);
    writeFileSync(path, content);
    chmodSync(path, mode);
    return path;
  }

  it('is read without the line break at its end, also through a link, as orchestrators mount it', () => {
    const link = join(folder, 'link');
    symlinkSync(write('token', 'a token\n'), link);
    expect(readSecretFile(link)).toBe('a token');
  });

  it.each([0o440, 0o444, 0o644, 0o600])('is read as an orchestrator mounts it, with mode %o', (mode) => {
    const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation();
    mkdirSync(join(folder, `..${mode}`));
    write(`..${mode}/token`, 'a token\n', mode);
    symlinkSync(`..${mode}`, join(folder, `..data${mode}`));
    symlinkSync(`..data${mode}/token`, join(folder, `token${mode}`));
    expect(readSecretFile(join(folder, `token${mode}`))).toBe('a token');
    expect(warn.mock.calls).toEqual([]);
    warn.mockRestore();
  });

  it('that others may use on a disk of our own is read, and one line says so', () => {
    const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation();
    const path = write('open', 'a token\n', 0o644);
    expect([readSecretFile(path), readSecretFile(path)]).toEqual(['a token', 'a token']);
    readSecretFile(write('mounted', 'a token\n', 0o444));
    expect(warn.mock.calls).toEqual([
      [`${path} can be used by group or others (mode 0644): chmod 600 '${path}'`],
    ]);
    warn.mockRestore();
  });

  it('is no pipe, which would hold the start up', () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', ['-m', '600', pipe]);
    expect(() => readSecretFile(pipe)).toThrow('this is not a file of at most 16384 bytes');
  });

  it('is no device or file without end', () => {
    expect(() => readSecretFile('/dev/zero')).toThrow(/this is not a file of at most/);
    expect(() => readSecretFile(write('long', 'x'.repeat(20_000)))).toThrow(/this is not a file of at most/);
  });
});
