/** @jest-environment ./apps/web/test/dom-environment.cjs */
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import type { Side } from '../feed/feed-items.js';
import { Ticket } from './ticket-view.js';

let sent: [Side, number][];

beforeEach(() => {
  localStorage.clear();
  sent = [];
  render(<Ticket onTrade={(side, qty) => sent.push([side, qty])} />);
});
afterEach(cleanup);

const quantity = (): HTMLInputElement => screen.getByLabelText<HTMLInputElement>('Quantity');
const press = (key: string, target: Element = document.body, more: object = {}): boolean =>
  fireEvent.keyDown(target, { key, ...more });
const click = (name: string): boolean => fireEvent.click(screen.getByRole('button', { name }));

describe('the ticket', () => {
  it('begins with a quantity of 1', () => {
    click('Buy');
    expect(sent).toEqual([['buy', 1]]);
  });

  it('takes a typed, a stepped and a chosen quantity', () => {
    fireEvent.change(quantity(), { target: { value: '2.5' } });
    click('Sell');
    click('One more');
    click('Sell');
    click('10');
    click('Buy');
    expect(sent).toEqual([
      ['sell', 2.5],
      ['sell', 3.5],
      ['buy', 10],
    ]);
  });

  it('never steps below zero', () => {
    click('One less');
    click('One less');
    click('Buy');
    expect(sent).toEqual([['buy', 0]]);
  });

  it('remembers the quantity used last', () => {
    fireEvent.change(quantity(), { target: { value: '7' } });
    click('Buy');
    cleanup();
    render(<Ticket onTrade={() => undefined} />);
    expect(quantity().value).toBe('7');
  });

  it('buys on B and sells on S, also from the quantity', () => {
    press('b');
    press('S', quantity());
    expect(sent).toEqual([
      ['buy', 1],
      ['sell', 1],
    ]);
  });

  it.each([{ repeat: true }, { ctrlKey: true }, { metaKey: true }, { altKey: true }])(
    'leaves a B with %p to the browser',
    (more) => {
      press('b', document.body, more);
      expect(sent).toEqual([]);
    },
  );

  it('repeats the last side on Enter', () => {
    click('Sell');
    const form = quantity().closest('form');
    if (form) fireEvent.submit(form);
    expect(sent).toEqual([
      ['sell', 1],
      ['sell', 1],
    ]);
  });

  it.each(['', 'abc', '-1', '1e3', '0x10', '9'.repeat(400)])(
    'says what is wrong with %p and sends nothing',
    (value) => {
      fireEvent.change(quantity(), { target: { value } });
      click('Buy');
      expect(sent).toEqual([]);
      expect(screen.getByRole('alert').textContent).toContain('plain number');
      expect(quantity().getAttribute('aria-invalid')).toBe('true');
    },
  );
});
