import { explainToClient } from '../curve/refusal.js';
import type { OutboundLink } from './outbound-link.js';

/** Why a server refuses this client, for people: in its own words, or what the keys tell; undefined while none does. */
export function refusalOf({ state, dealers, refusal }: OutboundLink): string | undefined {
  if (state !== 'refused') {
    return undefined;
  }
  const byServer = dealers.find(({ isRefused }) => isRefused)?.greeting.refusalText;
  return byServer ?? (refusal && explainToClient(refusal));
}
