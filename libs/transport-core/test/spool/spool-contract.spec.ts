import type { Spool } from '../../src/index.js';
import { batch, contents, SPOOLS, temporaryFolder } from './harness/spools.js';

describe.each(SPOOLS)('%s', (_name, make) => {
  const folder = temporaryFolder();
  let spools = 0;
  let spool: Spool;

  beforeEach(async () => {
    spools += 1;
    spool = make(`${folder.path}/${spools}`);
    await spool.open();
  });
  afterEach(() => spool.close());
  afterAll(() => folder.remove());

  /** Waits for the disk where there is one. */
  async function append(label: string, count = 1, acceptedAtSeconds = 1000): Promise<void> {
    await spool.append(batch(label, count, acceptedAtSeconds)).stored;
  }

  it('has an epoch of its own, and begins at 1', () => {
    expect(spool.epoch).toMatch(/^[0-9a-f-]{36}$/);
    expect(spool.nextSequence).toBe(1);
    expect(spool.readFrom(0)).toBeUndefined();
  });

  it('numbers events one after the other, over the borders of batches', () => {
    const first = spool.append(batch('a', 3)).batch;
    const second = spool.append(batch('b', 2)).batch;
    expect([first.first, second.first, spool.nextSequence]).toEqual([1, 4, 6]);
  });

  it('gives a batch back as it was appended, at once and after it was stored', async () => {
    const bytes = Uint8Array.from([0, 255, 1, 128]);
    const appended = [
      spool.append({ count: 2, payload: '["ä", "\u{1F680}"]', bytes: 77, acceptedAtSeconds: 1234.567891 }),
      spool.append({ count: 1, payload: bytes, bytes: 4, acceptedAtSeconds: 5 }),
    ];
    const expected = [
      { first: 1, count: 2, payload: '["ä", "\u{1F680}"]', bytes: 77, acceptedAtSeconds: 1234.567891 },
      { first: 3, count: 1, bytes: 4, acceptedAtSeconds: 5 },
    ];
    for (const time of ['at once', 'stored']) {
      expect({ time, read: spool.readFrom(0) }).toEqual({ time, read: expected[0] });
      expect(spool.readFrom(2)).toMatchObject(expected[1] ?? {});
      expect([...(spool.readFrom(2)?.payload ?? [])]).toEqual([0, 255, 1, 128]);
      await Promise.all(appended.map((one) => one.stored));
    }
  });

  it('reads from the first batch that begins at a number or later', async () => {
    await append('a', 3);
    await append('b', 2);
    expect([1, 2, 4, 5].map((from) => spool.readFrom(from)?.first)).toEqual([1, 4, 4, undefined]);
  });

  it('lets go of batches whose last event is acknowledged, and of no other', async () => {
    await append('a', 3);
    await append('b', 3);
    spool.release(2);
    expect(contents(spool)).toHaveLength(2);
    spool.release(5);
    expect(contents(spool)).toEqual([{ first: 4, payload: 'b' }]);
    spool.release(1_000);
    expect(contents(spool)).toEqual([]);
    expect(spool.nextSequence).toBe(7);
  });

  it('gives up the oldest batch from a number on, and goes on without it', async () => {
    for (const label of ['a', 'b', 'c']) {
      await append(label, 2);
    }
    expect(spool.dropOldestFrom(2)).toMatchObject({ first: 3, payload: 'b' });
    expect(contents(spool).map(({ payload }) => payload)).toEqual(['a', 'c']);
    expect(spool.dropOldestFrom(7)).toBeUndefined();
    spool.release(6);
    expect(spool.stats()).toMatchObject({ events: 0, bytes: 0 });
  });

  it('counts what waits', async () => {
    expect(spool.stats()).toEqual({ events: 0, bytes: 0, oldestAcceptedAtSeconds: Number.NaN });
    await append('aa', 2, 10);
    await append('bbb', 5, 20);
    await append('c', 1, 30);
    expect(spool.stats()).toEqual({ events: 8, bytes: 6, oldestAcceptedAtSeconds: 10 });
    spool.dropOldestFrom(1);
    expect(spool.stats()).toEqual({ events: 6, bytes: 4, oldestAcceptedAtSeconds: 20 });
    spool.release(7);
    expect(spool.stats()).toEqual({ events: 1, bytes: 1, oldestAcceptedAtSeconds: 30 });
    spool.release(8);
    expect(spool.stats()).toEqual({ events: 0, bytes: 0, oldestAcceptedAtSeconds: Number.NaN });
    await append('d', 1, 40);
    expect(spool.stats()).toEqual({ events: 1, bytes: 1, oldestAcceptedAtSeconds: 40 });
  });

  it('forgets a batch that is acknowledged before it was stored', async () => {
    const { stored } = spool.append(batch('a'));
    spool.release(1);
    await stored;
    expect(contents(spool)).toEqual([]);
    await append('b');
    expect(contents(spool)).toEqual([{ first: 2, payload: 'b' }]);
  });
});
