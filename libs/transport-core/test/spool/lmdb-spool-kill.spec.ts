import { SpoolProcess } from './harness/spool-process.js';
import { openLmdb, temporaryFolder } from './harness/spools.js';

/** Appends without end, many batches at a time, and says of each when it was appended, stored or released. */
const APPEND = `
  let seed = SEED;
  const random = (below) => (seed = (seed * 1103515245 + 12345) % 2147483648) % below;
  for (;;) {
    const group = [];
    for (let n = 1 + random(20); n > 0; n -= 1) {
      const count = 1 + random(5);
      const payload = (spool.nextSequence + ':').padEnd(random(6000), 'x');
      const { batch, stored } = spool.append({ count, payload, bytes: payload.length, acceptedAtSeconds: 1 });
      say('appended ' + batch.first + ' ' + count);
      group.push(stored.then(() => say('stored ' + batch.first + ' ' + payload.length)));
    }
    await Promise.all(random(2) ? group : group.slice(0, 1));
    if (random(4) === 0) {
      const upTo = spool.readFrom(0).first + random(60);
      say('released ' + upTo);
      spool.release(upTo);
    }
  }
`;

describe('LmdbSpool, after its process was killed', () => {
  const folder = temporaryFolder();
  afterAll(() => folder.remove());

  it('has everything that was stored and not released, and goes on behind every number that was given', async () => {
    const stored = new Map<number, number>();
    let released = 0;
    let given = 0;
    for (const [round, lines] of [150, 700, 30, 1500, 400, 901].entries()) {
      const child = new SpoolProcess(folder.path, APPEND.replace('SEED', String(round + 1)));
      await child.said(lines);
      await child.kill();
      for (const line of child.lines) {
        const [what, first = 0, more = 0] = line.split(' ').map((word, n) => (n === 0 ? word : Number(word)));
        if (what === 'stored') stored.set(Number(first), Number(more));
        if (what === 'released') released = Math.max(released, Number(first));
        if (what === 'appended') given = Math.max(given, Number(first) + Number(more) - 1);
      }
      const spool = await openLmdb(folder.path);
      const lost = [...stored].filter(([first, length]) => {
        const batch = spool.readFrom(first);
        const isThere =
          batch?.first === first && batch.payload.toString().startsWith(`${first}:`.slice(0, length));
        return first > released && !(isThere && batch.payload.length === length);
      });
      expect({ round, lost, isBehind: spool.nextSequence > given }).toEqual({
        round,
        lost: [],
        isBehind: true,
      });
      await spool.close();
    }
    expect(stored.size).toBeGreaterThan(500);
  });

  it('never gives a number twice that a batch had which was sent and never stored', async () => {
    const directory = `${folder.path}/unstored`;
    const child = new SpoolProcess(
      directory,
      `const { batch } = spool.append({ count: 7, payload: 'a', bytes: 1, acceptedAtSeconds: 1 });
       say(String(batch.first));
       process.kill(process.pid, 'SIGKILL');`,
    );
    await child.ended;
    expect(child.lines).toEqual(['1']);
    const spool = await openLmdb(directory);
    expect(spool.readFrom(0)).toBeUndefined();
    expect(spool.nextSequence).toBeGreaterThan(7);
    await spool.close();
  });
});
