import { type ChildProcess, spawn } from 'node:child_process';

/** What is shown of a process that failed. */
const KEPT_OUTPUT_CHARACTERS = 4_000;
const STOP_GRACE_MS = 15_000;

/** A process ended before it did what it was started for. */
export class AppEndedError extends Error {
  readonly code = 'ERR_LAB_APP_ENDED';
}

/** One real Node process that never outlives this one, and is only ever signalled by its id. */
export class AppProcess {
  /** Resolves when it has ended, however. */
  readonly exited: Promise<void>;
  private readonly child: ChildProcess;
  private hasEnded = false;
  private output = '';
  private writtenBytes = 0;
  private endedWith: number | null = null;

  /** @param args what `node` is to run. An IPC channel is open to it: `send` and `onMessage`. */
  constructor(
    readonly name: string,
    args: readonly string[],
    settings: Readonly<Record<string, string>>,
  ) {
    // Only what a program needs anywhere: settings of whoever runs the lab must not reach the apps.
    const { PATH, HOME, TMPDIR } = process.env;
    const environment = { NO_COLOR: '1', ...settings };
    this.child = spawn(process.execPath, args, {
      env: { PATH, HOME, ...(TMPDIR === undefined ? {} : { TMPDIR }), ...environment },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    const keep = (text: string): void => {
      this.writtenBytes += Buffer.byteLength(text);
      this.output = (this.output + text).slice(-KEPT_OUTPUT_CHARACTERS);
    };
    this.child.stdout?.setEncoding('utf8').on('data', keep);
    this.child.stderr?.setEncoding('utf8').on('data', keep);
    const end = (): boolean => this.child.kill('SIGKILL');
    process.once('exit', end);
    this.exited = new Promise((resolve, reject) => {
      this.child.once('error', reject);
      this.child.once('close', (code) => {
        this.hasEnded = true;
        this.endedWith = code;
        process.off('exit', end);
        resolve();
      });
    });
  }

  get isRunning(): boolean {
    return !this.hasEnded;
  }

  /** Null while it runs, and when a signal ended it. */
  get exitCode(): number | null {
    return this.endedWith;
  }

  /** What it has written to its log by now, in bytes. */
  get logBytes(): number {
    return this.writtenBytes;
  }

  /** The last 4,000 characters of that. */
  get lastOutput(): string {
    return this.output;
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Ends it as a power cut would, and returns when it is gone. */
  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.exited;
  }

  /** Ends it as an operator would. */
  async stop(): Promise<void> {
    // A paused process takes no other signal.
    this.signal('SIGCONT');
    this.signal('SIGTERM');
    const limit = setTimeout(() => this.signal('SIGKILL'), STOP_GRACE_MS);
    await this.exited;
    clearTimeout(limit);
  }

  signal(name: NodeJS.Signals): void {
    if (!this.hasEnded) this.child.kill(name);
  }

  /** Tells it something; what a process that has just died does not hear is no fault. */
  send(message: object): void {
    if (this.child.connected) this.child.send(message, () => undefined);
  }

  /** Tells each piece of its log as it comes. */
  onOutput(listener: (text: string) => void): void {
    this.child.stdout?.on('data', listener);
    this.child.stderr?.on('data', listener);
  }

  onMessage(listener: (message: unknown) => void): void {
    this.child.on('message', listener);
  }

  /**
   * Waits for a condition on it.
   * @throws AppEndedError with its last output when it ends before, or when the time runs out
   */
  async until(what: string, probe: () => Promise<boolean>, timeoutMs: number): Promise<void> {
    const deadlineMs = performance.now() + timeoutMs;
    while (!this.hasEnded && performance.now() < deadlineMs) {
      if (await probe()) return;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    throw new AppEndedError(`${this.name} did not get to ${what}:\n${this.output}`);
  }
}
