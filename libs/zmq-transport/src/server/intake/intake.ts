interface AnyIntake {
  /** Whether a message only asks whether the server is there, and brings no work. */
  isBeat(frames: readonly Buffer[]): boolean;
  /** Waits until nothing is left to be sent back. */
  settled(): Promise<void>;
}

/** Takes messages one by one. */
export interface SingleIntake extends AnyIntake {
  /** Takes one message; a promise makes the receive loop wait. Must not throw. */
  accept(frames: readonly Buffer[], receivedAtSeconds: number): Promise<void> | undefined;
}

/** Takes messages that wait in the socket together: what a batch of events costs once is then paid once for all of them. */
export interface GatheringIntake extends AnyIntake {
  /**
   * Takes one message, without starting a handler. Must not throw.
   * @param receivedAtSeconds when the first of them was taken
   * @returns whether another one may come to it
   */
  gather(frames: readonly Buffer[], receivedAtSeconds: number): boolean;
  /** Starts the handlers of what was gathered; a promise makes the receive loop wait. Must not throw. */
  dispatch(receivedAtSeconds: number): Promise<void> | undefined;
}

/** What a socket pair makes of the messages it receives. */
export type Intake = SingleIntake | GatheringIntake;
