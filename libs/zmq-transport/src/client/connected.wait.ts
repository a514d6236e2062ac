import { first, firstValueFrom, type Observable, throwError, timeout } from 'rxjs';
import type { RefusalReason } from '../curve/refusal.js';
import { AuthenticationFailedError } from '../errors/authentication-failed.error.js';
import { ClientClosedError } from '../errors/client-closed.error.js';
import { PeerUnreachableError } from '../errors/peer-unreachable.error.js';
import type { LinkState } from './client-stats.js';

/**
 * Waits until a server has answered.
 * @param refusal why handshakes fail, asked when they do
 * @throws PeerUnreachableError after `timeoutMs`, AuthenticationFailedError, ClientClosedError
 */
export async function untilConnected(
  status: Observable<LinkState>,
  timeoutMs: number,
  refusal: () => RefusalReason | undefined,
): Promise<void> {
  const settled = status.pipe(
    first((state) => state === 'connected' || state === 'refused' || state === 'closed'),
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
    throw new AuthenticationFailedError(refusal() ?? 'server_key');
  }
}
