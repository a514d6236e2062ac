/**
 * Why a handshake failed, as far as either side can know.
 * - `client_key`: the server does not know the client's public key, or it was revoked
 * - `server_key`: the keys do not fit: the client expects another server key, or its own pair does not belong together
 * - `mechanism`: one side uses CURVE and the other does not
 */
export type RefusalReason = 'client_key' | 'server_key' | 'mechanism';

const TO_CLIENT: Record<RefusalReason, string> = {
  client_key: 'the server does not allow this client’s public key',
  server_key: 'the server does not have the key that this client expects of it',
  mechanism: 'only one of the two sides uses CURVE',
};

const TO_SERVER: Record<RefusalReason, string> = {
  client_key: 'its public key is not allowed',
  server_key: 'it expects another server key, or its own key pair does not belong together',
  mechanism: 'only one of the two sides uses CURVE',
};

/** A sentence for the operator of the client. */
export function explainToClient(reason: RefusalReason): string {
  return TO_CLIENT[reason];
}

/** A sentence for the operator of the server. */
export function explainToServer(reason: RefusalReason): string {
  return TO_SERVER[reason];
}
