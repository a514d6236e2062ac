import { useEffect } from 'react';
import type { Side } from '../feed/feed-items.js';

/** Typing in these is text, or belongs to the control. */
const TYPING = 'input:not([type=checkbox]), textarea, select, [contenteditable], [role=dialog] *';
const TEXT_FIELD =
  'textarea, select, [contenteditable], [role=dialog] *, input:not([type=checkbox]):not([data-trade-keys])';

/**
 * B buys and S sells from anywhere on the page except in text fields (the quantity holds no letters, so there too).
 * A key that is held down counts once, and with Ctrl, Alt or Meta it belongs to the browser.
 */
export function useTradeKeys(trade: (side: Side) => void): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.repeat || event.ctrlKey || event.altKey || event.metaKey) return;
      const target = event.target instanceof Element ? event.target : document.body;
      if (target.closest(TYPING) && target.closest(TEXT_FIELD)) return;
      const side = { b: 'buy', s: 'sell' }[event.key.toLowerCase()] as Side | undefined;
      if (!side) return;
      event.preventDefault();
      trade(side);
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [trade]);
}
