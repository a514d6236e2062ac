import { ThrottledLog, UnsupportedOperationError } from '@app/transport-core';
import type { LoggerService } from '@nestjs/common';
import type { ResolvedEndpoints } from '../sockets/socket-settings.js';
import { CurveServer, type CurveServerSettings } from './curve-server.js';
import type { CurveServerOptions } from './keys.js';
import { RefusalLog } from './refusal-log.js';
import type { RefusalReason } from './refusal.js';

/** The part of an inbound link that keys are about. */
export interface SecuredLink {
  open(): Promise<void>;
  /** Ends all connections; peers come in again by the settings as they are then. */
  rekey(settings: () => CurveServerSettings): Promise<void>;
}

/** Who a server lets in, and what it says of those it does not; without CURVE it lets everybody in. */
export class ServerSecurity {
  private readonly refusals: RefusalLog;
  private readonly curve: CurveServer | undefined;
  private readonly log: ThrottledLog;

  /** @throws InvalidOptionsError */
  constructor(
    options: CurveServerOptions | undefined,
    private readonly endpoints: ResolvedEndpoints,
    logger: LoggerService,
  ) {
    this.log = new ThrottledLog(logger);
    this.refusals = new RefusalLog(logger);
    const onRefused = this.onKeyRefused.bind(this);
    this.curve = options && new CurveServer(options, endpoints, { onRefused });
  }

  get isOn(): boolean {
    return this.curve !== undefined;
  }

  get refusedPeers(): number {
    return this.refusals.count;
  }

  settings(): CurveServerSettings | undefined {
    return this.curve?.settings();
  }

  /** Judges handshakes from now on, and opens the link. @throws BindFailedError */
  async open(link: SecuredLink): Promise<void> {
    await this.curve?.open();
    await link.open().catch((error: unknown) => {
      this.close(0);
      throw error;
    });
  }

  /** The socket was closed, with this linger. */
  close(lingerMs: number): void {
    this.curve?.close(lingerMs);
  }

  /** See `ZmqServer.rotateKeys`. */
  async rotate(link: SecuredLink | undefined, next: Partial<CurveServerOptions>): Promise<boolean> {
    const { curve } = this;
    if (curve === undefined) {
      throw new UnsupportedOperationError('this server was created without `curve`');
    }
    if (this.endpoints.role === 'connect') {
      // libzmq 4.3.5 gives connections of such a socket up, or aborts the process, while handshakes fail.
      throw new UnsupportedOperationError('a server that connects cannot change its keys while it runs');
    }
    const mustEnd = curve.refresh(next);
    if (mustEnd) {
      await link?.rekey(() => curve.settings());
      curve.forgetStale();
    }
    return mustEnd;
  }

  /** What the socket's events say. Keys that are not allowed were reported by the one who judged them. */
  onHandshakeRefused(reason: RefusalReason): void {
    if (reason !== 'client_key') {
      this.refusals.add(reason);
    }
  }

  private onKeyRefused(publicKey: string, address: string, error: unknown): void {
    if (error !== undefined) {
      this.log.error('the list of allowed clients cannot be read: nobody is let in', error);
    }
    this.refusals.add('client_key', `the client ${publicKey} at ${address}`);
  }
}
