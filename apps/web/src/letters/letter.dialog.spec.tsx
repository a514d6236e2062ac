/** @jest-environment ./apps/web/test/dom.environment.cjs */
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { DeskProvider } from '../feed/desk.context.js';
import type { Letter } from '../feed/letter.js';
import { LetterDialog } from './letter.dialog.js';

const realFetch = globalThis.fetch;
const letter: Letter = {
  id: '1',
  reason: 'volume_overflow',
  detail: 'the volume would no longer be finite',
  receivedAtSeconds: 1_795_345_871,
  content: '{"type":"trade","side":"buy","qty":1.7e308,"ts":1795345871}',
  encoding: 'json',
  contentBytes: 60,
  truncated: false,
};

beforeEach(() => {
  // Nobody answers: the dialog needs none of it.
  globalThis.fetch = () => new Promise(() => undefined);
});
afterEach(() => {
  cleanup();
  globalThis.fetch = realFetch;
});

describe('sending a dead letter again', () => {
  it('says why a quantity cannot be sent as it is, until it can', () => {
    render(
      <DeskProvider>
        <LetterDialog letter={letter} onClose={() => undefined} />
      </DeskProvider>,
    );
    const quantity = screen.getByLabelText<HTMLInputElement>('Quantity');
    const send = screen.getByText<HTMLButtonElement>('Send again');
    expect(quantity.value).toBe('1.7e+308');
    expect(send.disabled).toBe(true);
    expect(screen.queryByText(/without an exponent/)).not.toBeNull();

    fireEvent.change(quantity, { target: { value: '17' } });
    expect(send.disabled).toBe(false);
    expect(screen.queryByText(/without an exponent/)).toBeNull();
  });
});
