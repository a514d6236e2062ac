import { ThrottledLog, UnsupportedOperationError } from '@app/transport-core';
import type { LoggerService } from '@nestjs/common';
import type { ResolvedEndpoints } from '../sockets/socket-settings.js';
import { CurveClient, type CurveClientSettings } from './curve-client.js';
import type { CurveClientOptions } from './keys.js';
import { explainToClient, type RefusalReason } from './refusal.js';

/** A client's keys, where it has any, and what it says when they do not let it in. */
export class ClientSecurity {
  private readonly curve: CurveClient | undefined;
  private readonly log: ThrottledLog;

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
    return this.curve.refresh(next);
  }

  /** Says so with the public key, which is no secret: it is what the server's operator has to allow. */
  logRefusal(reason: RefusalReason): void {
    const own = this.curve === undefined ? '' : ` (this client is ${this.curve.settings().curvePublicKey})`;
    this.log.warn(`the handshake fails: ${explainToClient(reason)}${own}; trying again`);
  }
}
