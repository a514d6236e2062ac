import { ThrottledLog } from '@app/transport-core';
import type { LoggerService } from '@nestjs/common';
import { UnsupportedOperationError } from '../errors.js';
import type { ResolvedEndpoints } from '../sockets/endpoints.js';
import { CurveClient, type CurveClientSettings } from './curve-client.js';
import type { CurveClientOptions } from './curve.options.js';
import { explainToClient, type RefusalReason } from './refusal.js';

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
