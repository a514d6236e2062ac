import type { LoggerService } from '@nestjs/common';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Readable, Router, type Socket } from 'zeromq';
import type { CurveServerSettings, ServerSecurity } from '../curve/server-curve.js';
import { HandshakeWatch } from '../curve/handshake-watch.js';
import { prepareFor, type ResolvedEndpoints } from '../sockets/endpoints.js';
import { watchIpcAccess } from '../sockets/ipc-access.js';
import type { SocketSettings } from '../sockets/socket-settings.js';
import { bindAgain, bindFirst } from '../sockets/patient-bind.js';
import { PeerMonitor } from '../sockets/peer-monitor.js';
import type { Intake } from './intake/intake.js';
import { ReceiveLoop } from './receive-loop.js';

/** How long senders that never pause may keep a change of keys waiting. */
const REKEY_GRACE_MS = 1000;

export interface InboundLinkOptions {
  readonly socket: Socket & Readable;
  readonly settings: SocketSettings;
  readonly security: ServerSecurity;
  readonly endpoints: ResolvedEndpoints;
  readonly intake: Intake;
  readonly onFailed: (error: unknown) => void;
  readonly onPeerLost: () => void;
  readonly logger: Pick<LoggerService, 'warn'>;
}

/** One receiving socket with its loop: opened once, drained once. */
export class InboundLink {
  private readonly monitor: PeerMonitor;
  private readonly watch: HandshakeWatch;
  private readonly loop: ReceiveLoop;
  private bound: string[] = [];

  constructor(private readonly options: InboundLinkOptions) {
    const { socket, endpoints, settings, security, intake, onFailed } = options;
    const inprocOnly = endpoints.addresses.every((address) => address.startsWith('inproc://'));
    this.monitor = new PeerMonitor(socket, inprocOnly, { onLoss: options.onPeerLost });
    this.watch = new HandshakeWatch({
      socket,
      connectsTo: this.connectsTo,
      side: 'server',
      curve: security.isOn,
      dialsItself: security.isOn && this.connectsTo.length > 0,
      reconnectIntervalMs: settings.reconnectInterval,
      reconnectMaxIntervalMs: settings.reconnectMaxInterval,
      onRefused: (reason) => security.onHandshakeRefused(reason),
    });
    watchIpcAccess(socket, this.connectsTo, options.logger);
    this.loop = new ReceiveLoop({
      socket,
      intake,
      answers: socket instanceof Router,
      giveUpAddresses: () => this.giveUpAddresses(),
      onFailed,
    });
  }

  get socket(): Socket & Readable {
    return this.options.socket;
  }

  get isReceiving(): boolean {
    return this.loop.isRunning;
  }

  /** The addresses as they were bound: a `*` port is the port that was found. */
  get boundAddresses(): readonly string[] {
    return this.bound;
  }

  get peers(): number {
    return this.monitor.peers;
  }

  get disconnects(): number {
    return this.monitor.losses;
  }

  get messages(): number {
    return this.loop.messages;
  }

  get bytes(): number {
    return this.loop.bytes;
  }

  /** @throws BindFailedError; the socket is closed then. */
  async open(): Promise<void> {
    const { role, addresses } = this.options.endpoints;
    for (const address of role === 'bind' ? addresses : []) {
      await this.bind(address);
    }
    this.connect();
    this.loop.start();
  }

  /** See {@link ReceiveLoop.drain}. */
  drain(timeoutMs: number, beforeClose: () => Promise<void>): Promise<boolean> {
    this.watch.close();
    return this.loop.drain(timeoutMs, beforeClose);
  }

  /**
   * Ends all connections and lets peers come in again by the keys as they are now. The socket, and what it has received,
   * stays; what was on the network at that moment is lost.
   */
  rekey(settings: () => CurveServerSettings): Promise<void> {
    return this.loop.between(REKEY_GRACE_MS, async () => {
      await this.giveUpAddresses();
      await this.watch.pause();
      this.disconnect();
      // The monitor's last events of the old connections.
      await nextTurn();
      this.monitor.forgetPeers();
      Object.assign(this.socket, settings());
      for (const address of this.bound) {
        await bindAgain(this.socket, address);
      }
      this.connect();
      this.watch.resume();
    });
  }

  private get connectsTo(): readonly string[] {
    const { role, addresses } = this.options.endpoints;
    return role === 'connect' ? addresses : [];
  }

  private connect(): void {
    for (const address of this.connectsTo) {
      prepareFor(this.socket, address);
      this.socket.connect(address);
    }
  }

  private disconnect(): void {
    for (const address of this.connectsTo) {
      try {
        this.socket.disconnect(address);
      } catch (error) {
        // Given up by libzmq, and not tried again yet.
        if ((error as { code?: unknown }).code !== 'ENOENT') {
          throw error;
        }
      }
    }
  }

  private async giveUpAddresses(): Promise<void> {
    for (const address of this.bound) {
      // libzmq 4.3.5 aborts the process (an assertion in pipe.cpp) when both ends close soon after an inproc unbind.
      if (!address.startsWith('inproc://')) {
        await this.socket.unbind(address);
      }
    }
  }

  private async bind(address: string): Promise<void> {
    try {
      await bindFirst(this.socket, address);
    } catch (error) {
      this.socket.close();
      throw error;
    }
    this.bound.push(this.socket.lastEndpoint ?? address);
  }
}
