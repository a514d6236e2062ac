/** @jest-environment ./apps/web/test/dom-environment.cjs */
import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react';
import { ProblemError } from '../net/problem-error.js';
import { askGuarded } from './guarded-ask.js';
import { TokenDialog } from './token-dialog.js';

const TOKEN = 'the-right-token-of-16';
const realFetch = globalThis.fetch;
let asked: string[] = [];

/** A service that wants {@link TOKEN}. */
function answer(_url: unknown, init?: RequestInit): Promise<Response> {
  const { authorization = '' } = (init?.headers ?? {}) as Record<string, string>;
  asked.push(authorization);
  const isRight = authorization === `Bearer ${TOKEN}`;
  const body = isRight ? { taken: true } : { detail: authorization === '' ? 'no token' : 'not the token' };
  const headers = { 'content-type': 'application/json' };
  return Promise.resolve(new Response(JSON.stringify(body), { status: isRight ? 200 : 401, headers }));
}

beforeEach(() => {
  asked = [];
  sessionStorage.clear();
  globalThis.fetch = answer as typeof fetch;
});
afterEach(() => {
  cleanup();
  globalThis.fetch = realFetch;
});

async function give(token: string, reason: RegExp): Promise<void> {
  await waitFor(() => expect(screen.queryByText(reason)).not.toBeNull());
  fireEvent.change(screen.getByLabelText('Token'), { target: { value: token } });
  fireEvent.click(screen.getByText('Continue'));
}

describe('what a token guards', () => {
  it('is asked for again with the token that the user gives, until it is the right one', async () => {
    render(<TokenDialog />);
    const answered = askGuarded('/trade/buy', { method: 'POST', headers: { accept: 'a/b' } }, 'user');
    await give('something-else-of-16', /no token/);
    await give(TOKEN, /not the token/);
    expect(await answered).toEqual({ taken: true });
    await waitFor(() => expect(screen.queryByLabelText('Token')).toBeNull());

    expect(await askGuarded('/trade/buy', {}, 'user')).toEqual({ taken: true });
    expect(asked).toEqual(['', 'Bearer something-else-of-16', `Bearer ${TOKEN}`, `Bearer ${TOKEN}`]);
  });

  it('stays refused when the user gives none', async () => {
    render(<TokenDialog />);
    const answered = askGuarded('/trade/buy', {}, 'user').catch((error: unknown) => error);
    await waitFor(() => expect(screen.queryByLabelText('Close')).not.toBeNull());
    fireEvent.click(screen.getByLabelText('Close'));
    expect(await answered).toBeInstanceOf(ProblemError);
  });

  it('opens no window when the page asks by itself', async () => {
    render(<TokenDialog />);
    await expect(askGuarded('/sidecar/dead-letters', {}, 'page')).rejects.toMatchObject({ status: 401 });
    expect(screen.queryByLabelText('Token')).toBeNull();
  });
});
