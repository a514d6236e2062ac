import { first, firstValueFrom, type Observable, throwError, timeout } from 'rxjs';
import { ClientClosedError } from '@app/transport-core';
import type { RefusalReason } from '../curve/refusal.js';
import { AuthenticationFailedError, PeerUnreachableError, ProtocolRefusedError } from '../errors.js';
import type { LinkState } from './client-stats.js';

/** Why a client is refused, asked when it is. */
export interface ConnectionRefusals {
  readonly byKeys: () => RefusalReason | undefined;
  /** The server's words, where it will not change its mind. */
  readonly byServer: () => string | undefined;
}

/**
 * Waits until a server has answered.
 * @throws PeerUnreachableError after `timeoutMs`, AuthenticationFailedError, ProtocolRefusedError, ClientClosedError
 */
export async function untilConnected(
  status: Observable<LinkState>,
  timeoutMs: number,
  refusals: ConnectionRefusals,
): Promise<void> {
  const settled = status.pipe(
    first((state) => state === 'connected' || state === 'closed' || isFinal(state, refusals)),
    timeout({
      first: timeoutMs,
      with: () => throwError(() => new PeerUnreachableError(`no server answered within ${timeoutMs} ms`)),
    }),
  );
  const state = await firstValueFrom(settled);
  if (state === 'closed') {
    throw new ClientClosedError();
  }
  if (state === 'refused') {
    const byKeys = refusals.byKeys();
    throw byKeys === undefined
      ? new ProtocolRefusedError(`the server refused this client: ${refusals.byServer() ?? ''}`)
      : new AuthenticationFailedError(byKeys);
  }
}

/** A refusal that may pass (another instance has the producer's id) is waited for. */
function isFinal(state: LinkState, { byKeys, byServer }: ConnectionRefusals): boolean {
  return state === 'refused' && (byKeys() !== undefined || byServer() !== undefined);
}
