import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import type { Pull } from 'zeromq';
import { epochSeconds } from '../clock.js';

/** Longest run of receives without letting timers and other I/O have a turn. */
const SLICE_SECONDS = 0.005;
/** A drained socket counts as empty when no message came for this long, twice. */
const QUIET_MS = 10;

/** Takes one message; a promise makes the loop wait (flow control). Must not throw. */
export type OnMessage = (frames: readonly Buffer[], receivedAtSeconds: number) => Promise<void> | undefined;

/**
 * Receives from one socket until it is closed. What is wrong with a message is its consumer's to handle: an error
 * here is the socket's, and ends the loop.
 */
export class ReceiveLoop {
  private running = false;
  private ending = false;
  private messageCount = 0;
  private byteCount = 0;
  private ended: Promise<void> = Promise.resolve();

  constructor(
    private readonly socket: Pull,
    private readonly onMessage: OnMessage,
    private readonly onFailed: (error: unknown) => void,
  ) {}

  get isRunning(): boolean {
    return this.running;
  }

  get messages(): number {
    return this.messageCount;
  }

  get bytes(): number {
    return this.byteCount;
  }

  start(): void {
    this.running = true;
    this.ended = this.run();
  }

  /**
   * Goes on until nothing comes any more, at most `timeoutMs`, then closes the socket. The addresses must have been
   * given up before; a sender that is still connected can keep the loop busy to the deadline.
   * @returns whether the socket was empty.
   */
  async drain(timeoutMs: number): Promise<boolean> {
    const deadline = Date.now() + timeoutMs;
    let quiet = 0;
    while (this.running && quiet < 2 && Date.now() < deadline) {
      const before = this.messageCount;
      await delay(QUIET_MS);
      quiet = this.messageCount === before ? quiet + 1 : 0;
    }
    this.ending = true;
    this.socket.close();
    await this.ended;
    return quiet >= 2;
  }

  private async run(): Promise<void> {
    let sliceStart = epochSeconds();
    try {
      for (;;) {
        const frames = await this.socket.receive();
        const receivedAtSeconds = epochSeconds();
        this.count(frames);
        const busy = this.onMessage(frames, receivedAtSeconds);
        if (busy !== undefined) {
          await busy;
        }
        if (receivedAtSeconds - sliceStart > SLICE_SECONDS) {
          // Under a flood receive() resolves without the event loop ever turning.
          await nextTurn();
          sliceStart = epochSeconds();
        }
      }
    } catch (error) {
      this.running = false;
      if (!this.ending) {
        this.onFailed(error);
      }
    }
  }

  private count(frames: readonly Buffer[]): void {
    this.messageCount += 1;
    for (const frame of frames) {
      this.byteCount += frame.length;
    }
  }
}
