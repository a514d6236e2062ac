/** A CURVE key pair; each key is 40 characters of Z85, as `curveKeyPair()` of zeromq and `npm run keys` make them. */
export interface CurveKeyPair {
  readonly publicKey: string;
  /** Whoever has it is this side: it belongs in no log and no environment variable. */
  readonly secretKey: string;
}

/** The server's side of CURVE, whether it binds or connects. */
export interface CurveServerOptions {
  /** Its own pair; a function is called when the sockets are opened and at `rotateKeys()`. */
  keyPair: CurveKeyPair | (() => CurveKeyPair);
  /**
   * The public keys of the clients that may come in; a function is called at every handshake, and when it throws the
   * client is refused. `'any'` lets in everybody who knows the server's public key: encryption without authentication.
   * There is no default: a list that was forgotten must not mean everybody.
   */
  allowedClients: readonly string[] | (() => Iterable<string>) | 'any';
  /**
   * Whether clients may have been told of a key that this server does not have yet, see `isServerKeyChanging`: refusals for
   * that reason are then counted and not logged. @default never
   */
  readonly isKeyChanging?: () => boolean;
}

/** The client's side of CURVE, whether it binds or connects. */
export interface CurveClientOptions {
  /** Its own pair; a function is called when the sockets are opened and at `rotateKeys()`. */
  keyPair: CurveKeyPair | (() => CurveKeyPair);
  /** The public key that the server has to prove; the same for all addresses. A function is called like `keyPair`'s. */
  serverKey: string | (() => string);
}
