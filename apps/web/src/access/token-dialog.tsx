import { useId, useState, type SyntheticEvent } from 'react';
import { Button } from '../ui/button.js';
import { Dialog } from '../ui/dialog.js';
import { answerToken, useTokenReason } from './token-store.js';

/** Asks for the API token while something waits for it. */
export function TokenDialog() {
  const reason = useTokenReason();
  return reason === undefined ? null : <TokenQuestion reason={reason} />;
}

function TokenQuestion({ reason }: { readonly reason: string }) {
  const [text, setText] = useState('');
  const id = useId();
  const token = text.trim();
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    if (token !== '') answerToken(token);
  };
  return (
    <Dialog
      open
      onClose={() => answerToken(undefined)}
      title="Access token"
      description={`The publisher says: ${reason}. The token is kept until this tab is closed.`}
    >
      <form onSubmit={submit} className="flex flex-wrap items-center gap-2">
        <label htmlFor={id}>Token</label>
        {/* A password field, so that it is not shown, nor kept by the browser among other input. */}
        <input
          id={id}
          type="password"
          autoComplete="off"
          autoFocus
          value={text}
          onChange={(event) => setText(event.target.value)}
          className="h-9 min-w-40 flex-1 rounded-md border border-line-strong/60 bg-surface px-2"
        />
        <Button type="submit" variant="primary" disabled={token === ''}>
          Continue
        </Button>
      </form>
    </Dialog>
  );
}
