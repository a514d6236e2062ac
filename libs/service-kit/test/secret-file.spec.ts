import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSecretFile } from '../src/secrets/secret.file.js';

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

  it('is not read through a link to one that others may use', () => {
    const link = join(folder, 'open-link');
    symlinkSync(write('open', 'a token\n', 0o644), link);
    expect(() => readSecretFile(link)).toThrow(/can be used by group or others/);
  });

  it('is no pipe, which would hold the start up', () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', ['-m', '600', pipe]);
    expect(() => readSecretFile(pipe)).toThrow('this is no file of at most 16384 bytes');
  });

  it('is no device or file without end', () => {
    expect(() => readSecretFile('/dev/zero')).toThrow(/this is no file of at most/);
    expect(() => readSecretFile(write('long', 'x'.repeat(20_000)))).toThrow(/this is no file of at most/);
  });
});
