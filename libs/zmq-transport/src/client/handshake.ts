/** HELLO may be sent again at any time: a server that has not answered within this time gets another one. */
const UNANSWERED_RETRY_MS = 10_000;
/** How long a producer waits to ask again when it was refused for a reason that may pass. */
const REFUSED_RETRY_MS = 1000;
const LASTING_REFUSALS = new Set(['version', 'malformed', 'ahead']);

/** Where a DEALER stands with its server: HELLO, and READY or REFUSED. See PROTOCOL.md, 3 and 6. */
export class Handshake {
  private ready = false;
  private unanswered = false;
  private refused = false;
  private retry: NodeJS.Timeout | undefined;
  /** A HELLO was handed over and libzmq has not taken it. */
  private waits = false;
  /** The server's words when it last refused this client. */
  refusalText = '';
  /** Whether the refusal lasts: another HELLO on this connection would change nothing. */
  isRefusedForGood = false;

  /**
   * @param send sends HELLO, and calls `onTaken` once libzmq has it
   * @param again says HELLO once more
   */
  constructor(
    private readonly send: (onTaken: () => void) => void,
    private readonly again: () => void,
  ) {}

  get isReady(): boolean {
    return this.ready;
  }

  /** Whether a server that accepted this client on this connection has not answered another HELLO yet. */
  get isAskedAgain(): boolean {
    return this.ready && this.unanswered;
  }

  get isRefused(): boolean {
    return this.refused;
  }

  hello(): void {
    this.isRefusedForGood = false;
    this.unanswered = true;
    this.againIn(UNANSWERED_RETRY_MS);
    if (this.waits) {
      // A server that sends RESYNC without end and reads nothing must not fill this client's memory with answers.
      return;
    }
    this.waits = true;
    this.send(() => {
      this.waits = false;
    });
  }

  againIn(waitMs: number): void {
    clearTimeout(this.retry);
    this.retry = setTimeout(this.again, waitMs).unref();
  }

  welcomed(): void {
    this.stopAsking();
    this.ready = true;
    this.refused = false;
  }

  refuse(reason: string, code: string): void {
    this.stopAsking();
    this.ready = false;
    this.refused = true;
    this.isRefusedForGood = LASTING_REFUSALS.has(code);
    this.refusalText = `${reason} (${code})`;
    if (!this.isRefusedForGood) {
      this.againIn(REFUSED_RETRY_MS);
    }
  }

  /** There is no server any more. */
  lost(): void {
    this.stopAsking();
    this.ready = false;
    this.refused = false;
  }

  stopAsking(): void {
    this.unanswered = false;
    clearTimeout(this.retry);
  }
}
