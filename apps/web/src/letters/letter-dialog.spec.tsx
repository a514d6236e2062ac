/** @jest-environment ./apps/web/test/dom-environment.cjs */
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { DeskProvider } from '../feed/desk-context.js';
import type { Letter } from '../feed/letter.js';
import { LetterDialog } from './letter-dialog.js';

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

describe('a dead letter in full', () => {
  it('says why a quantity cannot be sent as it is, until it can', () => {
    render(
      <DeskProvider>
        <LetterDialog letter={letter} onClose={() => undefined} />
      </DeskProvider>,
    );
    const quantity = screen.getByLabelText<HTMLInputElement>('Quantity');
    const send = screen.getByText<HTMLButtonElement>('Send corrected');
    expect(quantity.value).toBe('1.7e+308');
    expect(send.disabled).toBe(true);
    expect(screen.queryByText(/without an exponent/)).not.toBeNull();

    fireEvent.change(quantity, { target: { value: '17' } });
    expect(send.disabled).toBe(false);
    expect(screen.queryByText(/without an exponent/)).toBeNull();
  });

  it('has the sidecar apply the same event once more', async () => {
    const asked: unknown[] = [];
    globalThis.fetch = (url, init) => {
      asked.push([url, init?.method]);
      const answer = { alreadyReplayed: false, replayedAtSeconds: 1_795_345_990 };
      return init?.method === 'POST'
        ? Promise.resolve(new Response(JSON.stringify(answer)))
        : new Promise(() => undefined);
    };
    const closed = new Promise<void>((resolve) => {
      render(
        <DeskProvider>
          <LetterDialog letter={{ ...letter, id: 'abc-7' }} onClose={resolve} />
        </DeskProvider>,
      );
    });
    fireEvent.click(screen.getByText('Replay'));
    await closed;
    expect(asked).toContainEqual(['sidecar/dead-letters/abc-7/replay', 'POST']);
  });

  it.each<[string, Partial<Letter>]>([
    ['was replayed already', { replayedAtSeconds: 1_795_345_990 }],
    ['the sidecar would reject again', { replayable: false }],
    ['was cut', { truncated: true }],
    ['was never decoded', { encoding: 'text' }],
  ])('offers no replay of a letter that %s', (_, changes) => {
    render(
      <DeskProvider>
        <LetterDialog letter={{ ...letter, ...changes }} onClose={() => undefined} />
      </DeskProvider>,
    );
    expect(screen.queryByText('Replay')).toBeNull();
  });
});

it('shows what a browser would obey in a dead letter, in place of obeying it', () => {
  const forged = 'a\u001b[2J\u009b\u202eb\u2066\n\tc';
  render(
    <DeskProvider>
      <LetterDialog
        letter={{ ...letter, content: forged, detail: forged, encoding: 'text' }}
        onClose={() => undefined}
      />
    </DeskProvider>,
  );
  const shown = 'a\\u001b[2J\\u009b\\u202eb\\u2066\n\tc';
  expect(screen.getByLabelText('Content').textContent).toBe(shown);
  expect(document.body.textContent).toContain(`${shown}. `);
  expect(document.body.textContent).not.toMatch(/(?![\n\t])[\p{Cc}\p{Cf}]/u);
});
