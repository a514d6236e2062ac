import type { DeadLetter } from './dead-letter.js';
import { DeadLetterRing } from './dead-letter-ring.js';

const letter = (id: string, content = 'x'): DeadLetter => ({
  id,
  reason: 'malformed',
  detail: '',
  receivedAtSeconds: 1,
  content,
  encoding: 'text',
  contentBytes: content.length,
  truncated: false,
});
const idsOf = (ring: DeadLetterRing): string[] => ring.newest(100).map(({ id }) => id);

describe('DeadLetterRing', () => {
  it('lists newest first, as many as asked for', () => {
    const ring = new DeadLetterRing({ maxCount: 10, maxBytes: 10_000 });
    for (const id of ['a', 'b', 'c']) ring.add(letter(id));
    expect(ring.newest(2).map(({ id }) => id)).toEqual(['c', 'b']);
  });

  it('lets the oldest go at the bound in count', () => {
    const ring = new DeadLetterRing({ maxCount: 2, maxBytes: 10_000 });
    for (const id of ['a', 'b', 'c']) ring.add(letter(id));
    expect(idsOf(ring)).toEqual(['c', 'b']);
  });

  it('lets as many of the oldest go as a large letter needs', () => {
    const ring = new DeadLetterRing({ maxCount: 100, maxBytes: 2000 });
    for (const id of ['a', 'b', 'c', 'd']) ring.add(letter(id));
    ring.add(letter('large', 'x'.repeat(750)));
    expect(idsOf(ring)).toEqual(['large']);
    expect(ring.bytes).toBeLessThanOrEqual(2000);
  });

  it('never holds more bytes than it may, and forgets the bytes with the letters', () => {
    const ring = new DeadLetterRing({ maxCount: 1000, maxBytes: 5000 });
    for (let number = 0; number < 500; number += 1) {
      ring.add(letter(String(number), 'x'.repeat(number % 300)));
      expect(ring.bytes).toBeLessThanOrEqual(5000);
    }
    expect(ring.size).toBeGreaterThan(3);
  });

  it.each([
    { maxCount: 0, maxBytes: 1000 },
    { maxCount: 1000, maxBytes: 0 },
  ])('keeps nothing when told so by %p', (limits) => {
    const ring = new DeadLetterRing(limits);
    ring.add(letter('a'));
    expect([ring.size, ring.bytes]).toEqual([0, 0]);
  });

  it('says what changed since it was asked, and nothing of letters that are gone', () => {
    const ring = new DeadLetterRing({ maxCount: 2, maxBytes: 10_000 });
    for (const id of ['a', 'b', 'c']) ring.add(letter(id));
    expect(ring.takeChanged().map(({ number, letter: { id } }) => [number, id])).toEqual([
      [2, 'b'],
      [3, 'c'],
    ]);
    expect(ring.takeChanged()).toEqual([]);
    ring.markReplayed('b', 5);
    expect(ring.takeChanged()).toEqual([{ number: 2, letter: { ...letter('b'), replayedAtSeconds: 5 } }]);
    expect(idsOf(ring)).toEqual(['c', 'b']);
    expect(ring.firstNumber).toBe(2);
  });

  it('goes on numbering after the letters of an earlier process, of which it keeps what it may', () => {
    const ring = new DeadLetterRing({ maxCount: 2, maxBytes: 10_000 });
    ring.restore(['a', 'b', 'c'].map((id, index) => ({ number: 40 + index, letter: letter(id) })));
    expect([idsOf(ring), ring.firstNumber]).toEqual([['c', 'b'], 41]);
    ring.add(letter('d'));
    expect(ring.find('d')?.number).toBe(43);
    expect(ring.find('b')).toBeUndefined();
  });
});
