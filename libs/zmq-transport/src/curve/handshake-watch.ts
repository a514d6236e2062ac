import { setTimeout as delay } from 'node:timers/promises';
import type { Socket } from 'zeromq';
import { prepareFor } from '../sockets/endpoints.js';

/**
 * Why a handshake failed, as far as a side can tell.
 * - `client_key`: the server does not know the client's public key, or it was revoked
 * - `server_key`: the keys do not fit: the client expects another server key, or its own pair does not belong together
 * - `mechanism`: one side uses CURVE and the other does not
 */
export type DenialReason = 'client_key' | 'server_key' | 'mechanism';

const TO_CLIENT: Record<DenialReason, string> = {
  client_key: 'the server does not allow this client’s public key',
  server_key: 'the server has another key than the one that this client expects',
  mechanism: 'only one of the two sides uses CURVE',
};

const TO_SERVER: Record<DenialReason, string> = {
  client_key: 'its public key is not allowed',
  server_key: 'it expects another server key, or its own two keys do not match',
  mechanism: 'only one of the two sides uses CURVE',
};

/** A sentence for the operator of the client. */
export function explainToClient(reason: DenialReason): string {
  return TO_CLIENT[reason];
}

/** A sentence for the operator of the server. */
export function explainToServer(reason: DenialReason): string {
  return TO_SERVER[reason];
}

export interface HandshakeWatchOptions {
  readonly socket: Socket;
  /** Addresses that the socket connects to; none when it binds. */
  readonly connectsTo: readonly string[];
  readonly side: 'client' | 'server';
  /** Whether this side uses CURVE. */
  readonly curve: boolean;
  /** Whether libzmq must not reconnect, see `CurveServer.settings`: then this class makes all reconnects. */
  readonly dialsItself: boolean;
  readonly reconnectIntervalMs: number;
  readonly reconnectMaxIntervalMs: number;
  readonly onDenied: (reason: DenialReason) => void;
  readonly onHandshake?: () => void;
}

/** One broken connection may be a server that stops; two in a row are no accident. */
const BREAKS_THAT_COUNT = 2;

/** Far longer than a handshake takes. */
const SETTLE_MS = 1000;

const MECHANISM_MISMATCH = 'ERR_ZMTP_MECHANISM_MISMATCH';

/**
 * Tells from a socket's monitor events that a handshake failed over keys, and why. It also reconnects where libzmq does not:
 * after most of these failures libzmq gives an address up for good, and would never try a key that was corrected later. (Where
 * libzmq reconnects too, one more try does no harm. Its event about a retry cannot be relied on: it may concern an older
 * connection to the same address.)
 *
 * The events (libzmq 4.3.5): a client key that is not allowed is `auth` on both sides; CURVE on one side only
 * is `protocol` with a mismatch on both; a server key that the client did not expect is `protocol` at the server, which
 * then closes the connection, and `other` at the client.
 */
export class HandshakeWatch {
  private breaks = 0;
  private failures = 0;
  private closed = false;
  /** Addresses that are connected; their handshake is done or under way. */
  private readonly reached = new Set<string>();
  /** Of those, the addresses whose handshake is under way. */
  private readonly shaking = new Set<string>();
  private paused = false;
  /** Addresses that were dialled and have not answered; their timer only limits how long to wait for the answer. */
  private readonly expected = new Set<string>();
  private readonly redials = new Map<string, NodeJS.Timeout>();
  private lastDenial: DenialReason | undefined;

  constructor(private readonly options: HandshakeWatchOptions) {
    const { events } = options.socket;
    events.on('handshake', ({ address }) => this.onHandshake(address));
    events.on('connect', ({ address }) => {
      this.reached.add(address);
      this.shaking.add(address);
    });
    events.on('disconnect', ({ address }) => this.onGone(address));
    events.on('close', ({ address }) => this.onGone(address));
    events.on('handshake:error:auth', ({ address }) => this.onFailed('client_key', address));
    events.on('handshake:error:protocol', ({ address, error }) => this.onProtocolError(error.code, address));
    events.on('handshake:error:other', () => this.onBreak());
  }

  /** Why the last handshake failed; undefined once one succeeded. */
  get denial(): DenialReason | undefined {
    return this.lastDenial;
  }

  /**
   * Stops reconnecting until `resume()`, and waits for handshakes that are under way, for a second at most: libzmq
   * 4.3.5 may abort the process when a CURVE server disconnects in the middle of one.
   */
  async pause(): Promise<void> {
    this.paused = true;
    this.cancelAll();
    const deadline = performance.now() + SETTLE_MS;
    while (this.shaking.size > 0 && performance.now() < deadline) {
      await delay(1);
    }
  }

  /** Goes on, after the caller connected the addresses again. */
  resume(): void {
    this.reached.clear();
    this.paused = false;
    for (const address of this.options.dialsItself ? this.options.connectsTo : []) {
      this.expected.add(address);
      this.arm(address, this.patienceMs);
    }
  }

  close(): void {
    this.closed = true;
    this.cancelAll();
  }

  private cancelAll(): void {
    for (const timer of this.redials.values()) {
      clearTimeout(timer);
    }
    this.redials.clear();
  }

  private onHandshake(address: string): void {
    this.cancel(address);
    this.shaking.delete(address);
    this.breaks = 0;
    this.failures = 0;
    this.lastDenial = undefined;
    this.options.onHandshake?.();
  }

  private onGone(address: string): void {
    this.reached.delete(address);
    this.shaking.delete(address);
    if (this.options.dialsItself) {
      this.redial(address);
    }
  }

  private onProtocolError(code: string, address: string): void {
    if (code === MECHANISM_MISMATCH) {
      this.onFailed('mechanism', address);
    } else if (this.options.curve) {
      this.onFailed('server_key', address);
    } else {
      // Without CURVE the failure is not about keys, but libzmq has given the address up just the same.
      this.redial(address);
    }
  }

  private onBreak(): void {
    this.breaks += 1;
    // A server breaks off handshakes that it cannot decrypt; a client has no reason to.
    if (this.options.curve && this.options.side === 'client' && this.breaks >= BREAKS_THAT_COUNT) {
      this.denied('server_key');
    }
  }

  private onFailed(reason: DenialReason, address: string): void {
    this.reached.delete(address);
    this.denied(reason);
    this.redial(address);
  }

  private denied(reason: DenialReason): void {
    if (!this.closed) {
      this.lastDenial = reason;
      this.options.onDenied(reason);
    }
  }

  private redial(eventAddress: string): void {
    const address = this.addressOf(eventAddress);
    if (address === undefined || this.closed || this.paused || this.isDue(address)) {
      return;
    }
    const { reconnectIntervalMs, reconnectMaxIntervalMs } = this.options;
    const wait = Math.min(reconnectIntervalMs * 2 ** Math.min(this.failures, 16), reconnectMaxIntervalMs);
    this.failures += 1;
    this.expected.delete(address);
    this.arm(address, wait);
  }

  private get patienceMs(): number {
    return this.options.reconnectMaxIntervalMs + SETTLE_MS;
  }

  private arm(address: string, waitMs: number): void {
    clearTimeout(this.redials.get(address));
    this.redials.set(
      address,
      setTimeout(() => this.dial(address), waitMs),
    );
  }

  private dial(address: string): void {
    this.redials.delete(address);
    this.expected.delete(address);
    const { socket, dialsItself } = this.options;
    if (this.closed || socket.closed) {
      return;
    }
    if (!this.reached.has(address)) {
      connectAnew(socket, address);
    }
    if (dialsItself) {
      // libzmq may end the new connection along with the old one, without an event: with no event, dial once more.
      this.expected.add(address);
      this.arm(address, this.patienceMs);
    }
  }

  /** Whether a redial is due soon; the long wait for an answer to the last one does not count. */
  private isDue(address: string): boolean {
    return this.redials.has(address) && !this.expected.has(address);
  }

  private cancel(eventAddress: string): void {
    const address = this.addressOf(eventAddress);
    if (address !== undefined) {
      clearTimeout(this.redials.get(address));
      this.redials.delete(address);
    }
  }

  /** Events name an address as it was connected, or as it was resolved: then only its port identifies it. */
  private addressOf(eventAddress: string): string | undefined {
    const { connectsTo } = this.options;
    const port = /:\d+$/.exec(eventAddress)?.[0];
    return (
      connectsTo.find((address) => address === eventAddress) ??
      (connectsTo.length === 1 ? connectsTo[0] : undefined) ??
      (port === undefined ? undefined : connectsTo.find((address) => address.endsWith(port)))
    );
  }
}

function connectAnew(socket: Socket, address: string): void {
  try {
    socket.disconnect(address);
  } catch (error) {
    // libzmq has given it up already.
    if ((error as { code?: unknown }).code !== 'ENOENT') {
      throw error;
    }
  }
  prepareFor(socket, address);
  socket.connect(address);
}
