import { performance } from 'node:perf_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { LoggerService } from '@nestjs/common';
import { Pull, type Readable, Router, type Socket, Subscriber } from 'zeromq';
import { epochSeconds } from '@app/transport-core';
import { HandshakeWatch } from '../curve/handshake-watch.js';
import type { CurveServerSettings, ServerSecurity } from '../curve/server-curve.js';
import { prepareFor, type ResolvedEndpoints } from '../sockets/endpoints.js';
import { bindAgain, bindFirst } from '../sockets/patient-bind.js';
import { watchIpcAccess } from '../sockets/ipc-access.js';
import { PeerMonitor } from '../sockets/peer-monitor.js';
import { closeWithThread, type SocketPair, type SocketSettings } from '../sockets/socket-settings.js';
import type { GatheringIntake, Intake } from './intake.js';

export interface InboundSocketSettings extends SocketSettings {
  readonly receiveHighWaterMark: number;
  /** libzmq drops the connection of a peer that announces more, in bytes; −1 means no limit. */
  readonly maxMessageSize: number;
}

/** The socket that a server receives with. */
export function createInboundSocket(pair: SocketPair, settings: InboundSocketSettings): Socket & Readable {
  switch (pair) {
    case 'push-pull':
      return new Pull(settings);
    case 'pub-sub':
      return new Subscriber(settings);
    case 'dealer-router':
      // mandatory: sending to a peer that is gone is an error; without it the answer would vanish.
      return new Router({ ...settings, sendHighWaterMark: settings.receiveHighWaterMark, mandatory: true });
  }
}

/** Subscribes to the patterns that have handlers; a pattern that ends in `*` is a prefix. */
export function subscribeTo(socket: Socket, patterns: readonly string[]): void {
  if (socket instanceof Subscriber) {
    socket.subscribe(...patterns.map((pattern) => (pattern.endsWith('*') ? pattern.slice(0, -1) : pattern)));
  }
}

/** Longest run of receives before timers and other I/O get a turn. */
const SLICE_SECONDS = 0.005;
/** How often an idle loop checks whether to drain. */
const IDLE_TIMEOUT_MS = 100;
/** A draining socket counts as empty when nothing but PINGs came for this long. */
const QUIET_TIMEOUT_MS = 50;
/** The loop counts the bytes of at most this many frames of a message. */
const COUNTED_FRAMES = 4;

/** After this many messages in a row without a wait, more are likely to be there. */
const CROWD_MESSAGES = 8;

interface Interruption {
  /** When it runs at the latest, under load: by `performance.now()`, in milliseconds. */
  readonly deadline: number;
  readonly task: () => Promise<void>;
  /** Given the task's outcome, or nothing when it does not run. */
  readonly onDone: (outcome?: Promise<void>) => void;
}

interface Drain {
  readonly deadline: number;
  readonly beforeClose: () => Promise<void>;
  addressesGivenUp: boolean;
}

/** How long senders that never pause may delay a change of keys. */
const REKEY_GRACE_MS = 1000;

export interface ReceiverOptions {
  readonly socket: Socket & Readable;
  readonly settings: SocketSettings;
  readonly security: ServerSecurity;
  readonly endpoints: ResolvedEndpoints;
  /** Where its messages go: `createIntake` makes one for each pair. */
  readonly intake: Intake;
  readonly onFailed: (error: unknown) => void;
  readonly onPeerLost: () => void;
  readonly logger: Pick<LoggerService, 'warn'>;
  /** Whether nothing is received until {@link Receiver.release}. */
  readonly isHeld: () => boolean;
}

/**
 * One receiving socket: opened once, and received from until it is drained, once. The intake deals with bad messages: an error
 * in this loop is the socket's, and ends it.
 *
 * Each receive has a timeout, because a socket may only be unbound and closed while none is pending: with one pending,
 * zeromq.js answers EBUSY, can lose the wake-up for messages that wait, and libzmq can abort the process.
 */
export class Receiver {
  private readonly monitor: PeerMonitor;
  private readonly watch: HandshakeWatch;
  private bound: string[] = [];
  private running = false;
  private messageCount = 0;
  private byteCount = 0;
  /** While it drains, when the last work came. */
  private quietSinceMs = 0;
  private draining: Drain | undefined;
  private neverReleased = false;
  private interruption: Interruption | undefined;
  private ended: Promise<boolean> = Promise.resolve(true);

  /** Releases the held loop; undefined while it is not held. */
  private letGo: (() => void) | undefined;

  constructor(private readonly options: ReceiverOptions) {
    const { socket, endpoints, settings, security } = options;
    closeWithThread(socket);
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
      onDenied: (reason) => security.onHandshakeDenied(reason),
    });
    watchIpcAccess(socket, this.connectsTo, options.logger);
  }

  get socket(): Socket & Readable {
    return this.options.socket;
  }

  get isReceiving(): boolean {
    return this.running && this.letGo === undefined;
  }

  /** The addresses as they were bound: a `*` port is the port that was found. */
  get boundAddresses(): readonly string[] {
    return this.bound;
  }

  get peers(): number {
    return this.socket.closed ? 0 : this.monitor.peers;
  }

  get disconnects(): number {
    return this.monitor.losses;
  }

  get messages(): number {
    return this.messageCount;
  }

  get bytes(): number {
    return this.byteCount;
  }

  /** @throws BindFailedError; the socket is closed then. */
  async open(): Promise<void> {
    const { role, addresses } = this.options.endpoints;
    for (const address of role === 'bind' ? addresses : []) {
      await this.bind(address);
    }
    this.connect();
    this.running = true;
    this.options.socket.receiveTimeout = IDLE_TIMEOUT_MS;
    const released = this.options.isHeld()
      ? new Promise<void>((resolve) => (this.letGo = resolve))
      : undefined;
    this.ended = this.run(released);
  }

  /** Receives from now on. */
  release(): void {
    this.letGo?.();
    this.letGo = undefined;
  }

  /**
   * Receives until nothing comes any more, gives the addresses up, receives the rest, and closes the socket; at most
   * `timeoutMs`. The addresses go only once it is quiet: connections that still wait to be accepted would be lost.
   * @param beforeClose ends the work on what was received, while the socket can still send answers
   * @returns whether the socket was empty; false when senders kept it busy to the deadline.
   */
  async drain(timeoutMs: number, beforeClose: () => Promise<void>): Promise<boolean> {
    this.watch.close();
    this.quietSinceMs = performance.now();
    this.draining ??= { deadline: performance.now() + timeoutMs, beforeClose, addressesGivenUp: false };
    if (this.letGo !== undefined) {
      this.neverReleased = true;
      this.release();
    } else if (this.running) {
      this.options.socket.receiveTimeout = QUIET_TIMEOUT_MS;
    }
    return this.ended;
  }

  /**
   * Ends all connections and lets peers reconnect with the current keys. The socket stays, and so does what it has received;
   * what was on the network at that moment is lost.
   */
  rekey(settings: () => CurveServerSettings): Promise<void> {
    return this.between(REKEY_GRACE_MS, async () => {
      await this.giveUpAddresses();
      await this.watch.pause();
      this.disconnect();
      // Lets the monitor deliver its last events of the old connections.
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

  /**
   * Runs `task` while no receive is pending: when nothing comes for a moment, or after `graceMs` under load. If the loop ends
   * before that, `task` does not run. An error in `task` goes to the caller, counts as the socket's, and ends the loop.
   */
  private async between(graceMs: number, task: () => Promise<void>): Promise<void> {
    if (this.letGo !== undefined) {
      await task();
    } else if (this.running && this.draining === undefined) {
      await new Promise<void>((onDone) => {
        this.interruption = { deadline: performance.now() + graceMs, task, onDone };
      });
    }
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
        // libzmq gave the address up, and nobody has dialled it again yet.
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

  private async run(released: Promise<void> | undefined): Promise<boolean> {
    const { socket } = this.options;
    let empty = false;
    try {
      await released;
      empty = this.neverReleased ? await this.endUnused() : await this.receiveUntilDrained();
    } catch (error) {
      this.options.onFailed(error);
    }
    this.running = false;
    this.interruption?.onDone();
    await this.draining?.beforeClose();
    socket.close();
    return empty;
  }

  /** Ends a loop that never received; whether messages wait in its socket is unknown. */
  private async endUnused(): Promise<false> {
    await this.giveUpAddresses();
    return false;
  }

  private async receiveUntilDrained(): Promise<boolean> {
    let sliceStart = epochSeconds();
    for (;;) {
      const frames = await this.receive();
      if (frames !== undefined) {
        const now = await this.take(frames);
        if (now - sliceStart > SLICE_SECONDS) {
          // Under a flood, receive() resolves without ever letting the event loop turn.
          await nextTurn();
          sliceStart = epochSeconds();
        }
      }
      if (this.interruption !== undefined) {
        await this.interrupt(this.interruption, frames === undefined);
      }
      if (this.draining !== undefined && (await this.isDrained(this.draining, frames))) {
        return frames === undefined;
      }
    }
  }

  /** Brings a message to its handlers, along with those that wait behind it. @returns the time at which it took the last one */
  private async take(frames: readonly Buffer[]): Promise<number> {
    const { intake } = this.options;
    this.count(frames);
    let receivedAtSeconds = epochSeconds();
    let busy: Promise<void> | undefined;
    if ('gather' in intake) {
      if (intake.gather(frames, receivedAtSeconds) && (await this.gatherWaiting(intake, receivedAtSeconds))) {
        // Timed after the last message: no event may seem to arrive before it was sent.
        receivedAtSeconds = epochSeconds();
      }
      busy = intake.dispatch(receivedAtSeconds);
    } else {
      busy = intake.accept(frames, receivedAtSeconds);
    }
    if (busy !== undefined) {
      await busy;
    }
    return receivedAtSeconds;
  }

  /** Takes what is already in the socket, as far as there is room, without waiting. @returns whether it took anything */
  private async gatherWaiting(intake: GatheringIntake, firstAtSeconds: number): Promise<boolean> {
    const { socket } = this.options;
    let taken = 0;
    // Checking first costs about a system call a message; a receive that finds nothing costs an error. A crowd pays for one
    // error.
    while (taken >= CROWD_MESSAGES || socket.readable) {
      if (taken === CROWD_MESSAGES) {
        socket.receiveTimeout = 0;
      }
      let frames: readonly Buffer[];
      try {
        frames = await socket.receive();
      } catch {
        // Nothing is left, or the socket broke; the loop's next receive will fail too. What was taken is handled first.
        break;
      }
      taken += 1;
      this.count(frames);
      if (!intake.gather(frames, firstAtSeconds)) {
        break;
      }
    }
    if (taken >= CROWD_MESSAGES && !socket.closed) {
      socket.receiveTimeout = this.draining === undefined ? IDLE_TIMEOUT_MS : QUIET_TIMEOUT_MS;
    }
    return taken > 0;
  }

  private async interrupt({ deadline, task, onDone }: Interruption, quiet: boolean): Promise<void> {
    if (this.draining === undefined && (quiet || performance.now() >= deadline)) {
      this.interruption = undefined;
      const outcome = task();
      onDone(outcome);
      await outcome;
    }
  }

  /** @returns undefined when nothing came within the socket's receive timeout. */
  private async receive(): Promise<readonly Buffer[] | undefined> {
    if (this.draining !== undefined && performance.now() - this.quietSinceMs >= QUIET_TIMEOUT_MS) {
      return this.receiveWhatIsThere();
    }
    const frames = await this.tryReceive();
    // A delayed event loop may end a wait early, by its old clock, or late, before it has looked at the socket.
    return frames !== undefined || this.draining === undefined ? frames : this.receive();
  }

  private async tryReceive(): Promise<readonly Buffer[] | undefined> {
    const { socket } = this.options;
    try {
      return await socket.receive();
    } catch (error) {
      // A socket that closes during a receive also answers EAGAIN.
      if ((error as { code?: unknown }).code === 'EAGAIN' && !socket.closed) {
        return undefined;
      }
      throw error;
    }
  }

  private async receiveWhatIsThere(): Promise<readonly Buffer[] | undefined> {
    const { socket } = this.options;
    socket.receiveTimeout = 0;
    const frames = await this.tryReceive();
    socket.receiveTimeout = QUIET_TIMEOUT_MS;
    return frames;
  }

  private async isDrained(drain: Drain, frames: readonly Buffer[] | undefined): Promise<boolean> {
    const { intake, socket } = this.options;
    const late = performance.now() >= drain.deadline;
    if (frames !== undefined && !late) {
      if (!('isBeat' in intake && intake.isBeat(frames))) {
        this.quietSinceMs = performance.now();
      }
      return false;
    }
    if (drain.addressesGivenUp) {
      return true;
    }
    if (socket instanceof Router) {
      // libzmq ends an address's connections with it: answers have to leave before.
      await drain.beforeClose();
    }
    await this.giveUpAddresses();
    drain.addressesGivenUp = true;
    this.quietSinceMs = performance.now();
    return late;
  }

  private count(frames: readonly Buffer[]): void {
    this.messageCount += 1;
    // A message has at most three frames and an identity. One with millions of frames is not walked through.
    for (let n = 0; n < Math.min(frames.length, COUNTED_FRAMES); n += 1) {
      this.byteCount += frames[n]?.length ?? 0;
    }
  }
}
