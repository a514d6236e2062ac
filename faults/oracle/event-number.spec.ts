import { eventOf, numberOf } from './event-number.js';

describe('the number in an event', () => {
  it('is read back from the quantity, up to the highest', () => {
    for (const number of [1, 2, 77, 65_536, 2 ** 19, 2 ** 21])
      expect(numberOf(eventOf(number).qty)).toBe(number);
  });

  it('is not found in a quantity that no event has', () => {
    for (const qty of [0, 1, 65_535, eventOf(5).qty + 1, 2.5]) expect(numberOf(qty)).toBeUndefined();
  });

  it('goes to both sides in turn', () => {
    expect([1, 2, 3, 4].map((number) => eventOf(number).side)).toEqual(['sell', 'buy', 'sell', 'buy']);
  });
});
