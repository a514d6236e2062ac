import { performance } from 'node:perf_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Readable, Socket } from 'zeromq';
import { epochSeconds } from '@app/transport-core';
import type { GatheringIntake, Intake } from './intake/intake.js';

/** Longest run of receives without letting timers and other I/O have a turn. */
const SLICE_SECONDS = 0.005;
/** How often an idle loop looks whether it shall drain. */
const IDLE_TIMEOUT_MS = 100;
/** A draining socket counts as empty when nothing but beats came for this long. */
const QUIET_TIMEOUT_MS = 50;
/** The bytes of so many frames of a message are counted. */
const COUNTED_FRAMES = 4;

/** That many messages in a row were there at once: more are likely to be. */
const CROWD_MESSAGES = 8;

export interface ReceiveLoopOptions {
  readonly socket: Socket & Readable;
  /** Takes the messages. A drain does not go on for its beats. */
  readonly intake: Intake;
  /** Whether answers go back over the socket's connections. */
  readonly answers: boolean;
  /** Unbinds; only called while no receive is pending. */
  readonly giveUpAddresses: () => Promise<void>;
  /** The socket broke: nothing is received any more. */
  readonly onFailed: (error: unknown) => void;
}

interface Interruption {
  /** By `performance.now()`, in milliseconds: under load it runs then. */
  readonly deadline: number;
  readonly task: () => Promise<void>;
  readonly onDone: () => void;
}

interface Drain {
  readonly deadline: number;
  readonly beforeClose: () => Promise<void>;
  addressesGivenUp: boolean;
}

/**
 * Receives from one socket until it is drained. What is wrong with a message is its consumer's to handle: an error
 * here is the socket's, and ends the loop.
 *
 * Each receive has a timeout, because a socket may only be unbound and closed while none is pending: with one pending,
 * zeromq.js answers EBUSY, can lose the wake-up for messages that wait, and libzmq can abort the process.
 */
export class ReceiveLoop {
  private running = false;
  private messageCount = 0;
  private byteCount = 0;
  /** While it drains: when the last work came. */
  private quietSinceMs = 0;
  private draining: Drain | undefined;
  private neverReleased = false;
  private interruption: Interruption | undefined;
  private ended: Promise<boolean> = Promise.resolve(true);

  /** Lets the loop go on that is held; undefined while it is not. */
  private letGo: (() => void) | undefined;

  constructor(private readonly options: ReceiveLoopOptions) {}

  get isRunning(): boolean {
    return this.running && this.letGo === undefined;
  }

  get messages(): number {
    return this.messageCount;
  }

  get bytes(): number {
    return this.byteCount;
  }

  /** @param held whether nothing is received until {@link release}, or ever when it is drained before */
  start(held: boolean): void {
    this.running = true;
    this.options.socket.receiveTimeout = IDLE_TIMEOUT_MS;
    const released = held ? new Promise<void>((resolve) => (this.letGo = resolve)) : undefined;
    this.ended = this.run(released);
  }

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
   * Runs `task` while no receive is pending: once nothing comes for a moment, or after `graceMs` under load. It does not
   * run when the loop ends before that. An error of it is the socket's, and ends the loop.
   */
  async between(graceMs: number, task: () => Promise<void>): Promise<void> {
    if (this.letGo !== undefined) {
      await task();
    } else if (this.running && this.draining === undefined) {
      await new Promise<void>((onDone) => {
        this.interruption = { deadline: performance.now() + graceMs, task, onDone };
      });
    }
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

  /** Nothing was received, and nobody knows what waits. */
  private async endUnused(): Promise<false> {
    await this.options.giveUpAddresses();
    return false;
  }

  private async receiveUntilDrained(): Promise<boolean> {
    let sliceStart = epochSeconds();
    for (;;) {
      const frames = await this.receive();
      if (frames !== undefined) {
        const now = await this.take(frames);
        if (now - sliceStart > SLICE_SECONDS) {
          // Under a flood receive() resolves without the event loop ever turning.
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

  /** Brings a message to its handlers, with those that wait behind it. @returns when the last of them was taken */
  private async take(frames: readonly Buffer[]): Promise<number> {
    const { intake } = this.options;
    this.count(frames);
    let receivedAtSeconds = epochSeconds();
    let busy: Promise<void> | undefined;
    if ('gather' in intake) {
      if (intake.gather(frames, receivedAtSeconds) && (await this.gatherWaiting(intake, receivedAtSeconds))) {
        // After the last of them: no event may seem to have come before it was sent.
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

  /** Takes what is in the socket already, as far as there is room; waits for nothing. @returns whether there was anything */
  private async gatherWaiting(intake: GatheringIntake, firstAtSeconds: number): Promise<boolean> {
    const { socket } = this.options;
    let taken = 0;
    // To look first costs a system call's worth for each message, to find nothing there an error: a crowd pays for one.
    while (taken >= CROWD_MESSAGES || socket.readable) {
      if (taken === CROWD_MESSAGES) {
        socket.receiveTimeout = 0;
      }
      let frames: readonly Buffer[];
      try {
        frames = await socket.receive();
      } catch {
        // Nothing is left; or the socket broke, which the loop's next receive is told too. What was taken is handled first.
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
      await task();
      this.interruption = undefined;
      onDone();
    }
  }

  /** @returns undefined when nothing came within the socket's receive timeout. */
  private async receive(): Promise<readonly Buffer[] | undefined> {
    if (this.draining !== undefined && performance.now() - this.quietSinceMs >= QUIET_TIMEOUT_MS) {
      return this.receiveWhatIsThere();
    }
    const frames = await this.tryReceive();
    // An event loop that was held up ends a wait early, by its old clock, or late and before it has looked at the socket.
    return frames !== undefined || this.draining === undefined ? frames : this.receive();
  }

  private async tryReceive(): Promise<readonly Buffer[] | undefined> {
    const { socket } = this.options;
    try {
      return await socket.receive();
    } catch (error) {
      // A socket that was closed under the loop also answers EAGAIN.
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
    const late = performance.now() >= drain.deadline;
    if (frames !== undefined && !late) {
      if (!this.options.intake.isBeat(frames)) {
        this.quietSinceMs = performance.now();
      }
      return false;
    }
    if (drain.addressesGivenUp) {
      return true;
    }
    if (this.options.answers) {
      // libzmq ends the connections of an address with it: answers have to leave before.
      await drain.beforeClose();
    }
    await this.options.giveUpAddresses();
    drain.addressesGivenUp = true;
    this.quietSinceMs = performance.now();
    return late;
  }

  private count(frames: readonly Buffer[]): void {
    this.messageCount += 1;
    // A message of the pairs has at most three frames and an identity. One of millions is not walked through.
    for (let n = 0; n < Math.min(frames.length, COUNTED_FRAMES); n += 1) {
      this.byteCount += frames[n]?.length ?? 0;
    }
  }
}
