import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { childEnvironment } from './child.environment.js';
import { waitUntil } from './wait.until.js';

/** The project's root: processes under test run from here, as a user's would. */
export const ROOT = join(__dirname, '..', '..');

/** How a process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Longer than the launcher waits for its children: it shall get the chance to stop them. */
const DISPOSE_GRACE_MS = 25_000;

/** A real process, its output kept, that never outlives its test. */
export class TestProcess {
  stdout = '';
  stderr = '';
  /** Resolves when the process has ended and all its output has been read. */
  readonly exited: Promise<Exit>;
  private readonly child: ChildProcess;
  private hasEnded = false;

  constructor(command: string, args: readonly string[], settings: Readonly<Record<string, string>> = {}) {
    // A group of its own, so that what it started can be ended with it.
    this.child = spawn(command, args, { cwd: ROOT, env: childEnvironment(settings), detached: true });
    this.child.stdin?.end();
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    this.exited = new Promise((resolve, reject) => {
      this.child.once('error', reject);
      this.child.once('close', (code, signal) => {
        this.hasEnded = true;
        resolve({ code, signal });
      });
    });
  }

  get pid(): number {
    if (this.child.pid === undefined) throw new Error('the process was never started');
    return this.child.pid;
  }

  get isRunning(): boolean {
    return !this.hasEnded;
  }

  /** As if the terminal, or the program that read it, were gone: what the process writes now fails. */
  closeOutput(): void {
    this.child.stdout?.destroy();
    this.child.stderr?.destroy();
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  async stop(name: NodeJS.Signals = 'SIGTERM'): Promise<Exit> {
    this.signal(name);
    return this.exited;
  }

  /** Waits for a line of output, and fails at once when the process ends without it. */
  async waitForOutput(pattern: RegExp, timeoutMs?: number): Promise<RegExpExecArray> {
    const found = await waitUntil(
      `${String(pattern)} in the output`,
      () => pattern.exec(this.stdout + this.stderr) ?? (this.hasEnded ? 'ended' : undefined),
      timeoutMs,
    );
    if (found === 'ended') throw new Error(`ended without ${String(pattern)}:\n${this.stdout}${this.stderr}`);
    return found;
  }

  /** Ends it, gently first, and everything left in its group. */
  async dispose(): Promise<void> {
    if (this.hasEnded) return;
    this.signal('SIGTERM');
    const limit = setTimeout(() => process.kill(-this.pid, 'SIGKILL'), DISPOSE_GRACE_MS);
    await this.exited;
    clearTimeout(limit);
  }
}
