/** @jest-environment ./apps/web/test/dom-environment.cjs */
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import type { Side } from '../feed/feed-items.js';
import { Ticket } from './ticket-view.js';
import type { TradeSubject } from './trade-poster.js';

let sent: [Side, number][];
let subjects: TradeSubject[];

function take(side: Side, qty: number, subject: TradeSubject): void {
  sent.push([side, qty]);
  subjects.push(subject);
}

beforeEach(() => {
  localStorage.clear();
  sent = [];
  subjects = [];
  render(<Ticket onTrade={take} />);
});
afterEach(cleanup);

const quantity = (): HTMLInputElement => screen.getByLabelText<HTMLInputElement>('Quantity');
const press = (key: string, target: Element = document.body, more: object = {}): boolean =>
  fireEvent.keyDown(target, { key, ...more });
const type = (label: string, value: string): boolean =>
  fireEvent.change(screen.getByLabelText(label), { target: { value } });
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

  it('sends symbol and price where they are given, and neither where they are not', () => {
    click('Buy');
    type('Symbol', ' ETHUSDT ');
    type('Price', '432.5');
    click('Sell');
    expect(subjects).toEqual([{}, { symbol: 'ETHUSDT', price: 432.5 }]);
  });

  it.each([
    ['Symbol', 'ETH USDT', /1 to 32 letters/],
    ['Symbol', 'x'.repeat(33), /1 to 32 letters/],
    ['Price', '0', /above 0/],
    ['Price', '-3', /above 0/],
    ['Price', '1e3', /above 0/],
  ])('says what is wrong with the %s %p and sends nothing', (label, value, rule) => {
    type(label, value);
    click('Buy');
    expect(sent).toEqual([]);
    expect(screen.getByRole('alert').textContent).toMatch(rule);
    expect(document.activeElement).toBe(screen.getByLabelText(label));
  });

  it('takes the symbol that the desk shows alone, in whose field a B is a letter', () => {
    cleanup();
    render(<Ticket symbol="BTCUSDT" onTrade={take} />);
    expect(screen.getByLabelText<HTMLInputElement>('Symbol').value).toBe('BTCUSDT');
    press('b', screen.getByLabelText('Symbol'));
    expect(sent).toEqual([]);
    click('Buy');
    expect(subjects).toEqual([{ symbol: 'BTCUSDT' }]);
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
