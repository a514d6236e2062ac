import { chmodSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeFolder, missingRight } from '../../src/spool/own-file.js';

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

const failure = (code: string, path?: string): Error => Object.assign(new Error(code), { code, path });

describe('missingRight', () => {
  const user = process.geteuid?.();
  const root = mkdtempSync(join(tmpdir(), 'missing-right-'));
  afterAll(() => rmSync(root, { recursive: true }));

  it('names the folder, the user, and what to do', () => {
    chmodSync(root, 0o500);
    expect(missingRight('elsewhere', failure('EACCES', root))).toBe(
      `the user ${user} may not write to '${root}' (EACCES; it belongs to the user ${user}, mode 0500): chown ${user} '${root}'`,
    );
    const missing = join(root, 'var', 'spool');
    expect(missingRight(missing, failure('EPERM'))).toBe(
      `the user ${user} may not write to '${root}' (EPERM; it belongs to the user ${user}, mode 0500): ` +
        `make '${missing}' and give it to that user: chown ${user} '${missing}'`,
    );
    expect(missingRight(missing, failure('EROFS'))).toBe(
      `'${missing}' is on a read-only file system (EROFS): mount a volume there that the user ${user} may write to`,
    );
  });

  it('says nothing of other failures', () => {
    expect(missingRight(root, failure('ENOSPC'))).toBeUndefined();
    expect(missingRight(root, new Error('damaged'))).toBeUndefined();
  });
});
