/** What a socket pair makes of the messages it receives. */
export interface Intake {
  /** Takes one message; a promise makes the receive loop wait. Must not throw. */
  accept(frames: readonly Buffer[], receivedAtSeconds: number): Promise<void> | undefined;
  /** Whether a message only asks whether the server is there, and brings no work. */
  isBeat(frames: readonly Buffer[]): boolean;
  /** Waits until nothing is left to be sent back. */
  settled(): Promise<void>;
}
