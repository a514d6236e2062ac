/** The two sides, as the contract has them. */
export type Side = 'buy' | 'sell';

/** One event as it is posted. */
export interface NumberedEvent {
  readonly side: Side;
  readonly qty: number;
}

const LOW_VALUES = 65_536;

function scramble(number: number): number {
  const mixed = Math.imul(number ^ (number >>> 15), 0x9e3779b1);
  return (mixed ^ (mixed >>> 13)) >>> 0;
}

/**
 * Writes an event's number into the event: its quantity is `number · 65536` and 16 scrambled bits of the number. So each event
 * can be identified wherever its quantity is shown. Where only sums are shown, a missing event and another one that was counted
 * twice do not cancel out. Sums of 100,000 such events are exact in a double.
 * @param number a whole number from 1 to 2^21
 */
export function eventOf(number: number): NumberedEvent {
  return {
    side: number % 2 === 0 ? 'buy' : 'sell',
    qty: number * LOW_VALUES + (scramble(number) % LOW_VALUES),
  };
}

/** The number of the event with this quantity; undefined when no event has it. */
export function numberOf(qty: number): number | undefined {
  const number = Math.floor(qty / LOW_VALUES);
  return number > 0 && eventOf(number).qty === qty ? number : undefined;
}
