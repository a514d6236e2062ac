/** How long a fuzz run is, and which one. */
export interface FuzzOptions {
  /** Messages to send. */
  readonly frames: number;
  /** The same seed sends the same messages. */
  readonly seed: number;
  readonly onProgress?: ((line: string) => void) | undefined;
}
