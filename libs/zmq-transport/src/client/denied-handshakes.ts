import type { Socket } from 'zeromq';
import type { ClientSecurity } from '../curve/client-curve.js';
import { HandshakeWatch, type DenialReason } from '../curve/handshake-watch.js';
import type { ResolvedEndpoints } from '../sockets/endpoints.js';
import type { SocketSettings } from '../sockets/socket-settings.js';

export interface DeniedHandshakesOptions {
  readonly endpoints: ResolvedEndpoints;
  readonly settings: { readonly socket: SocketSettings };
  readonly security: ClientSecurity;
}

/** Follows the handshakes of a client's sockets: which fail, and why. */
export class DeniedHandshakes {
  private readonly watches = new Map<Socket, HandshakeWatch>();
  private denied = 0;
  /** The reason that was logged last, since the last success. */
  private told: DenialReason | undefined;

  /** @param onChange called when the reason or the count may have changed */
  constructor(
    private readonly options: DeniedHandshakesOptions,
    private readonly onChange: () => void,
  ) {}

  /** Failed handshakes, since the start. */
  get count(): number {
    return this.denied;
  }

  /** Why handshakes fail; undefined while none does. */
  get current(): DenialReason | undefined {
    for (const { denial } of this.watches.values()) {
      if (denial !== undefined) {
        return denial;
      }
    }
    return undefined;
  }

  isDenied(socket: Socket): boolean {
    return this.watches.get(socket)?.denial !== undefined;
  }

  /** Call it before the socket is bound or connected. */
  follow(socket: Socket, addresses: readonly string[]): void {
    const { endpoints, settings, security } = this.options;
    if (addresses.every((address) => address.startsWith('inproc://'))) {
      return;
    }
    const watch = new HandshakeWatch({
      socket,
      connectsTo: endpoints.role === 'connect' ? addresses : [],
      side: 'client',
      curve: security.isOn,
      dialsItself: false,
      reconnectIntervalMs: settings.socket.reconnectInterval,
      reconnectMaxIntervalMs: settings.socket.reconnectMaxInterval,
      onDenied: (reason) => this.onDenied(reason),
      onHandshake: () => {
        this.told = this.current;
        this.onChange();
      },
    });
    this.watches.set(socket, watch);
  }

  /** The socket is about to be closed. */
  unfollow(socket: Socket): void {
    this.watches.get(socket)?.close();
    this.watches.delete(socket);
    if (this.watches.size === 0) {
      this.told = undefined;
    }
  }

  private onDenied(reason: DenialReason): void {
    this.denied += 1;
    if (reason !== this.told && this.options.security.logDenial(reason)) {
      this.told = reason;
    }
    this.onChange();
  }
}
