/** What a socket pair makes of the messages it receives. */
export interface Intake {
  /** Takes one message; a promise makes the receive loop wait. Must not throw. */
  accept(frames: readonly Buffer[], receivedAtSeconds: number): Promise<void> | undefined;
  /** Waits until nothing is left to be sent back. */
  settled(): Promise<void>;
}
