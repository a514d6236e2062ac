import type { ResolvedEndpoints } from '../sockets/socket-settings.js';
import { checkedKey, checkedPair, type CurveClientOptions, refuseInproc } from './keys.js';

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
