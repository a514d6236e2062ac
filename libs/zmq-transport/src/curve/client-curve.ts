import type { LoggerService } from '@nestjs/common';
import { ThrottledLog, UnsupportedOperationError } from '@app/transport-core';
import type { ResolvedEndpoints } from '../sockets/endpoints.js';
import { checkedKey, checkedPair, type CurveClientOptions, refuseInproc } from './keys.js';
import { explainToClient, type RefusalReason } from './handshake-watch.js';

/** What the sockets of a CURVE client are created with. */
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
   * @returns whether they are others, so that new sockets are needed
   * @throws InvalidOptionsError, or what a provider throws; nothing changed then
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

/** A client is told of the server's next key some seconds before the server has it; longer, and it is no change but a fault. */
const KEY_CHANGE_MS = 10_000;

/** A client's keys, where it has any, and what it says when they do not let it in. */
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
   * Says so with the public key, which is no secret: it is what the server's operator has to allow. Not while the server may
   * be about to get the key that this client has been told of.
   * @returns whether it was said
   */
  logRefusal(reason: RefusalReason): boolean {
    if (reason === 'server_key' && performance.now() - this.renewedAtMs < KEY_CHANGE_MS) {
      return false;
    }
    const own = this.curve === undefined ? '' : ` (this client is ${this.curve.settings().curvePublicKey})`;
    this.log.warn(`the handshake fails: ${explainToClient(reason)}${own}; trying again`);
    return true;
  }
}
