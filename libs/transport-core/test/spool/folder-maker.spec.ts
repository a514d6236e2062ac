import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeFolder } from '../../src/spool/folder.maker.js';

describe('makeFolder', () => {
  const root = mkdtempSync(join(tmpdir(), 'folder-maker-'));
  afterAll(() => rmSync(root, { recursive: true }));

  it('makes what is missing, for its user alone, and takes what is there', () => {
    const folder = join(root, 'a', 'b');
    makeFolder(folder);
    makeFolder(folder);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(join(root, 'a')).mode & 0o777).toBe(0o700);
  });

  // Seen to hang for ever with mkdirSync's `recursive`.
  it.each(['/proc/spool', '/proc/spool/deeper'])('fails for %s, where nothing can be made', (folder) => {
    expect(() => makeFolder(folder)).toThrow(/ENOENT|EACCES|EPERM|EROFS/);
  });
});
