/** @jest-environment ./apps/web/test/dom-environment.cjs */
import { cleanup, render, screen } from '@testing-library/react';
import { filterRows, NO_FILTER, type TapeFilter } from './tape.filter.js';
import { Tape } from './tape-model.js';
import type { TapeContext } from './tape-row.js';
import { TapeTable } from './tape-table.js';

const NOW = 1_795_345_871.5;
const UP: TapeContext = {
  isWaiting: false,
  nowSeconds: NOW,
  sampledAtSeconds: 0,
  watching: true,
  settledAtSeconds: 0,
  isBlind: false,
};
const trade = { side: 'buy', qty: 3, ts: NOW - 0.5 } as const;

function show(tape: Tape, context: Partial<TapeContext> = {}, filter: Partial<TapeFilter> = {}): string[][] {
  const rows = filterRows(tape.newest(), { ...NO_FILTER, ...filter }, { ...UP, ...context });
  render(<TapeTable rows={rows} all={tape.newest()} />);
  const heads = titles();
  const [, ...body] = screen.getAllByRole('row');
  const at = ['Side', 'Quantity', 'Status', 'Latency', 'Reason'].map((head) => heads.indexOf(head));
  return body.map((row) => {
    const cells = [...row.querySelectorAll('td')];
    return at.map((index) => cells[index]?.textContent ?? '');
  });
}

/** The titles of the columns. */
const titles = (): string[] => screen.getAllByRole('columnheader').map(({ textContent }) => textContent);

let tape: Tape;
beforeEach(() => {
  // Nothing is laid out here: without a height, no row would be in sight.
  Object.defineProperty(HTMLElement.prototype, 'clientHeight', { configurable: true, value: 400 });
  tape = new Tape(1000);
});
afterEach(cleanup);

describe('the tape', () => {
  it('shows an event that was emitted', () => {
    tape.emitted(trade, { mine: true });
    expect(show(tape)).toEqual([['Buy', '3', 'emitted', '', '']]);
  });

  it('completes the same row when the sidecar has it, with the latency', () => {
    tape.emitted(trade, { mine: true });
    tape.emitted(trade, { mine: false });
    tape.received({ kind: 'trade', ...trade, receivedAtSeconds: NOW, latencySeconds: 0.00042 });
    expect(show(tape)).toEqual([['Buy', '3', 'received', '420 µs', '']]);
  });

  it('keeps it complete when the publisher tells of it only afterwards', () => {
    tape.received({ kind: 'trade', ...trade, receivedAtSeconds: NOW, latencySeconds: 0.1 });
    tape.emitted(trade, { mine: false });
    expect(show(tape)).toEqual([['Buy', '3', 'received', '100 ms', '']]);
  });

  it('says that it waits while the sidecar is away', () => {
    tape.emitted(trade, { mine: true });
    expect(show(tape, { isWaiting: true })).toEqual([['Buy', '3', 'waiting', '', '']]);
  });

  it('says that it was dropped when a broadcast had no subscriber, also once one is there', () => {
    tape.emitted({ ...trade, ts: NOW - 10 }, { mine: true, isDropped: true });
    expect(show(tape, {}, { show: 'failed' })).toEqual([['Buy', '3', 'dropped', '', '']]);
    expect(tape.oldestSoughtSeconds).toBeUndefined();
  });

  it('says that no receipt was seen when it takes too long', () => {
    tape.emitted({ ...trade, ts: NOW - 10 }, { mine: true });
    expect(show(tape)).toEqual([['Buy', '3', 'no receipt', '', '']]);
  });

  it('does not call an event lost that a sample may have left out', () => {
    tape.emitted({ ...trade, ts: NOW - 10 }, { mine: true });
    expect(show(tape, { sampledAtSeconds: NOW - 9.5 })).toEqual([['Buy', '3', 'not followed', '', '']]);
  });

  it('says "not followed" of what was under way when the stream left receipts out, however long ago it was emitted', () => {
    tape.emitted({ ...trade, ts: NOW - 100 }, { mine: true });
    tape.loseSight();
    expect(show(tape)).toEqual([['Buy', '3', 'not followed', '', '']]);
  });

  it('says "not followed" while the sidecar cannot be asked for what its stream did not tell', () => {
    tape.emitted({ ...trade, ts: NOW - 100 }, { mine: true });
    expect(show(tape, { isBlind: true })).toEqual([['Buy', '3', 'not followed', '', '']]);
  });

  it('does not call an event late that has only now left the queue', () => {
    tape.emitted({ ...trade, ts: NOW - 100 }, { mine: true });
    expect(show(tape, { settledAtSeconds: NOW - 1 })).toEqual([['Buy', '3', 'emitted', '', '']]);
  });

  it('shows why the sidecar rejected it, and why the publisher refused it', () => {
    tape.emitted(trade, { mine: true });
    tape.rejected(trade, 'volume_overflow: too much');
    tape.refused({ side: 'sell', qty: 1, ts: NOW }, 'the queue is full');
    expect(show(tape)).toEqual([
      ['Sell', '1', 'refused', '', 'the queue is full'],
      ['Buy', '3', 'rejected', '', 'volume_overflow: too much'],
    ]);
  });

  it('shows symbol, price and notional where trades have them, and no column that is empty', () => {
    tape.emitted(trade, { mine: true });
    show(tape);
    expect(titles()).toEqual(['Time', 'Side', 'Quantity', 'Size', 'Status']);
    cleanup();
    const priced = { ...trade, symbol: 'ETHUSDT', price: 432.5 };
    tape.received({ kind: 'trade', ...priced, receivedAtSeconds: NOW, latencySeconds: 1 });
    show(tape, {}, { symbol: 'ETHUSDT' });
    expect(titles().slice(1, 7)).toEqual(['Symbol', 'Side', 'Quantity', 'Price', 'Notional', 'Size']);
    const cells = screen.getAllByRole('cell').map(({ textContent }) => textContent);
    expect(cells.slice(1, 6)).toEqual(['ETHUSDT', 'Buy', '3', '432.50', '1,297.50']);
  });

  it('has only the rows in sight in the document, and says how many there are', () => {
    for (let qty = 0; qty < 500; qty += 1) tape.emitted({ ...trade, qty }, { mine: false });
    expect(show(tape).length).toBeLessThan(60);
    expect(screen.getByRole('table').getAttribute('aria-rowcount')).toBe('501');
  });

  it('lets the oldest rows go', () => {
    tape = new Tape(3);
    for (const qty of [1, 2, 3, 4])
      tape.emitted({ side: 'buy', qty, ts: NOW - 2 + qty / 10 }, { mine: false });
    expect(show(tape).map(([, qty]) => qty)).toEqual(['4', '3', '2']);
  });

  it.each<[Partial<TapeFilter>, string[]]>([
    [{ side: 'sell' }, ['5']],
    [{ show: 'mine' }, ['3']],
    [{ show: 'open' }, ['3']],
    [{ show: 'failed' }, []],
    [{ minQty: 4 }, ['5']],
  ])('filters by %p', (filter, quantities) => {
    tape.emitted(trade, { mine: true });
    const other = { side: 'sell', qty: 5, ts: NOW - 1 } as const;
    tape.received({ kind: 'trade', ...other, receivedAtSeconds: NOW, latencySeconds: 1 });
    expect(show(tape, {}, filter).map(([, qty]) => qty)).toEqual(quantities);
  });
});
