import type { LoggerService } from '@nestjs/common';
import { ThrottledLog, UnsupportedOperationError } from '@app/transport-core';
import type { ResolvedEndpoints } from '../sockets/endpoints.js';
import { checkedKey, checkedPair, type CurveClientOptions, refuseInproc } from './keys.js';
import { explainToClient, type DenialReason } from './handshake-watch.js';

/** The CURVE options of a client's sockets. */
export interface CurveClientSettings {
  readonly curvePublicKey: string;
  readonly curveSecretKey: string;
  readonly curveServerKey: string;
}

/** The keys of one client. */
export class CurveClient {
  private current: CurveClientSettings;

  /** @throws InvalidOptionsError */
  constructor(
    private options: CurveClientOptions,
    endpoints: ResolvedEndpoints,
  ) {
    refuseInproc(endpoints);
    this.current = read(options);
  }

  settings(): CurveClientSettings {
    return this.current;
  }

  /**
   * Reads the keys again.
   * @returns whether they changed, so that new sockets are needed
   * @throws InvalidOptionsError, or what a provider throws; the old keys stay then
   */
  refresh(next: Partial<CurveClientOptions> = {}): boolean {
    const options = { ...this.options, ...next };
    const settings = read(options);
    const { curveSecretKey, curveServerKey } = this.current;
    this.options = options;
    this.current = settings;
    return settings.curveSecretKey !== curveSecretKey || settings.curveServerKey !== curveServerKey;
  }
}

function read({ keyPair, serverKey }: CurveClientOptions): CurveClientSettings {
  const pair = checkedPair('curve.keyPair', typeof keyPair === 'function' ? keyPair() : keyPair);
  return {
    curvePublicKey: pair.publicKey,
    curveSecretKey: pair.secretKey,
    curveServerKey: checkedKey('curve.serverKey', typeof serverKey === 'function' ? serverKey() : serverKey),
  };
}

/** A client learns the server's next key some seconds before the server uses it. A mismatch that lasts longer is a fault. */
const KEY_CHANGE_MS = 10_000;

/** A client's keys, if it has any, and the log line for when a server denies them. */
export class ClientSecurity {
  private readonly curve: CurveClient | undefined;
  private readonly log: ThrottledLog;
  private renewedAtMs = Number.NEGATIVE_INFINITY;

  /** @throws InvalidOptionsError */
  constructor(options: CurveClientOptions | undefined, endpoints: ResolvedEndpoints, logger: LoggerService) {
    this.log = new ThrottledLog(logger);
    this.curve = options && new CurveClient(options, endpoints);
  }

  get isOn(): boolean {
    return this.curve !== undefined;
  }

  settings(): CurveClientSettings | undefined {
    return this.curve?.settings();
  }

  /** See `ZmqClient.rotateKeys`. @returns whether new sockets are needed */
  refresh(next: Partial<CurveClientOptions>): boolean {
    if (this.curve === undefined) {
      throw new UnsupportedOperationError('this client was created without `curve`');
    }
    const isRenewed = this.curve.refresh(next);
    if (isRenewed) {
      this.renewedAtMs = performance.now();
    }
    return isRenewed;
  }

  /**
   * Logs a failed handshake with this client's public key, which is no secret: the server's operator has to allow it. Logs
   * nothing while the server may be about to change to the key that this client already expects.
   * @returns whether it logged
   */
  logDenial(reason: DenialReason): boolean {
    if (reason === 'server_key' && performance.now() - this.renewedAtMs < KEY_CHANGE_MS) {
      return false;
    }
    const own = this.curve === undefined ? '' : ` (this client is ${this.curve.settings().curvePublicKey})`;
    this.log.warn(`the handshake fails: ${explainToClient(reason)}${own}; trying again`);
    return true;
  }
}
