import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { type ResultPromise, execa } from 'execa';
import { childEnvironment } from './environment.js';
import { ROOT } from './root.js';
import { waitUntil } from './wait.js';

/** How a program ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** How to start a program, where the defaults do not fit. */
export interface ProgramOptions {
  /** For messages; the command's first words by default. */
  readonly name?: string;
  /** Its whole environment; by default the machine's, without our own settings, and `settings`. */
  readonly environment?: NodeJS.ProcessEnv;
  /** How much of its output is kept, from the end; all by default. */
  readonly keptCharacters?: number;
  /** Whether there is a channel to it: `send` and `onMessage` need one. */
  readonly hasChannel?: boolean;
  /**
   * Whether it also ends when this process is killed and cannot stop it: a Node program is asked to stop, any other is killed (on
   * Linux, by the kernel).
   */
  readonly endsWithParent?: boolean;
  /** Whether `input` can be written to; by default it has none. */
  readonly hasInput?: boolean;
}

/** Watches the pipe that follows the standard ones, and asks its process to stop when the other end is gone. */
const END_WITH_LAUNCHER = pathToFileURL(join(ROOT, 'scripts', 'lib', 'end-with-launcher.mjs')).href;
/** Has the kernel kill a program when its parent ends; only Linux has it. */
const SETPRIV = '/usr/bin/setpriv';
/** Longer than the launcher waits for its children, so that it can stop them. */
const GRACE_MS = 25_000;

/** The command line that starts a program, tied to this process where that is asked for. */
function tied(
  command: string,
  args: readonly string[],
  { endsWithParent = false }: ProgramOptions,
): [command: string, ...args: string[]] {
  if (!endsWithParent) return [command, ...args];
  if (command === process.execPath) return [command, '--import', END_WITH_LAUNCHER, ...args];
  return existsSync(SETPRIV) ? [SETPRIV, '--pdeathsig', 'KILL', command, ...args] : [command, ...args];
}

/** A program ended before it did what it was started for. */
export class ProgramEndedError extends Error {
  readonly code = 'ERR_PROGRAM_ENDED';
}

/**
 * A real process whose output is kept and that never outlives this one. It leads a process group: what it started ends with it.
 */
export class Program {
  readonly name: string;
  stdout = '';
  stderr = '';
  /** What it has written by now, in bytes. */
  writtenBytes = 0;
  /** Resolves when the process has ended and all its output has been read. Rejects when it cannot be started. */
  readonly exited: Promise<Exit>;
  private readonly child: ResultPromise;
  private exit: Exit | undefined;
  private readonly outputListeners: ((text: string) => void)[] = [];
  private readLines = 0;
  private wakeReader: () => void = () => undefined;

  constructor(
    command: string,
    args: readonly string[],
    settings: Readonly<Record<string, string>> = {},
    private readonly options: ProgramOptions = {},
  ) {
    this.name = options.name ?? [command.split('/').at(-1), ...args].slice(0, 3).join(' ');
    const hasPipe = options.endsWithParent === true && command === process.execPath;
    const [program, ...all] = tied(command, args, options);
    this.child = execa(program, all, {
      cwd: ROOT,
      env: options.environment ?? childEnvironment(settings),
      extendEnv: false,
      detached: true,
      reject: false,
      // Its own limit for SIGTERM is five seconds, and kills what still drains; `stop` has the limit here.
      forceKillAfterDelay: false,
      buffer: false,
      stdio: [
        options.hasInput === true ? 'pipe' : 'ignore',
        'pipe',
        'pipe',
        ...(hasPipe ? ['pipe' as const] : []),
        ...(options.hasChannel === true ? ['ipc' as const] : []),
      ],
    });
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => this.hear('stdout', text));
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => this.hear('stderr', text));
    // Nothing ever comes on this pipe; unread, it would hide the end of the process.
    if (hasPipe) (this.child.stdio[3] as Readable | undefined)?.resume();
    const killGroup = (): void => this.signalGroup('SIGKILL');
    process.once('exit', killGroup);
    this.exited = this.ending().finally(() => process.off('exit', killGroup));
    // Callers that wait for it see a failed start; nobody has to wait.
    this.exited.catch(() => undefined);
  }

  get pid(): number {
    if (this.child.pid === undefined) throw new Error(`${this.name} was never started`);
    return this.child.pid;
  }

  get isRunning(): boolean {
    return this.exit === undefined;
  }

  /** Null while it runs, and when a signal ended it. */
  get exitCode(): number | null {
    return this.exit?.code ?? null;
  }

  /** All of its output that was kept. */
  get output(): string {
    return this.stdout + this.stderr;
  }

  /** The whole lines of its standard output. */
  get lines(): string[] {
    return this.stdout.split('\n').slice(0, -1);
  }

  /** The next unread line of its standard output; undefined when it ended without another. For one reader. */
  async nextLine(): Promise<string | undefined> {
    while (this.lines.length <= this.readLines) {
      if (!this.isRunning) return undefined;
      await new Promise<void>((resolve) => {
        this.wakeReader = resolve;
      });
    }
    this.readLines += 1;
    return this.lines[this.readLines - 1];
  }

  /** Its standard input, for a program that was started with one. */
  get input(): Writable {
    if (this.child.stdin === null) throw new Error(`${this.name} has no input`);
    return this.child.stdin;
  }

  /** Makes all further writes of the process fail, as if the terminal or the reading program were gone. */
  closeOutput(): void {
    this.child.stdout?.destroy();
    this.child.stderr?.destroy();
  }

  signal(name: NodeJS.Signals): void {
    if (this.isRunning) this.child.kill(name);
  }

  /** Ends it as an operator would; kills it when it does not end in time. */
  async stop(name: NodeJS.Signals = 'SIGTERM', graceMs = GRACE_MS): Promise<Exit> {
    if (!this.isRunning) return this.exited;
    // A paused process takes no other signal.
    this.signal('SIGCONT');
    this.signal(name);
    const limit = setTimeout(() => this.signalGroup('SIGKILL'), graceMs);
    try {
      return await this.exited;
    } finally {
      clearTimeout(limit);
    }
  }

  /** Ends it and what it started, like a power cut, and returns when it is gone. */
  async kill(): Promise<Exit> {
    this.signalGroup('SIGKILL');
    return this.exited;
  }

  /**
   * Waits for output, and fails at once when the process ends without it.
   * @throws ProgramEndedError
   */
  async waitForOutput(pattern: RegExp, timeoutMs?: number): Promise<RegExpExecArray> {
    const found = await waitUntil(
      `${String(pattern)} in the output of ${this.name}`,
      () => pattern.exec(this.output) ?? (this.isRunning ? undefined : 'ended'),
      timeoutMs,
    );
    if (found === 'ended')
      throw new ProgramEndedError(`${this.name} ended without ${String(pattern)}:\n${this.output}`);
    return found;
  }

  /**
   * Waits for a condition, and fails at once when the process ends before.
   * @throws ProgramEndedError with its last output
   */
  async until(what: string, probe: () => Promise<boolean> | boolean, timeoutMs?: number): Promise<void> {
    const found = await waitUntil(
      `${what} of ${this.name}`,
      async () => (this.isRunning ? probe() : 'ended'),
      timeoutMs,
    );
    if (found === 'ended') throw new ProgramEndedError(`${this.name} ended before ${what}:\n${this.output}`);
  }

  /** Sends it a message; a process that has just died misses it, which is no error. */
  send(message: object): void {
    if (this.child.connected) this.child.send(message, () => undefined);
  }

  onMessage(listener: (message: unknown) => void): void {
    this.child.on('message', listener);
  }

  /** Passes on each piece of its output as it comes. */
  onOutput(listener: (text: string) => void): void {
    this.outputListeners.push(listener);
  }

  private async ending(): Promise<Exit> {
    const result = await this.child;
    this.exit = { code: result.exitCode ?? null, signal: (result.signal ?? null) as NodeJS.Signals | null };
    this.wakeReader();
    if (this.child.pid === undefined)
      throw new Error(`${this.name} cannot be started`, { cause: result.cause });
    return this.exit;
  }

  private signalGroup(name: NodeJS.Signals): void {
    if (!this.isRunning || this.child.pid === undefined) return;
    try {
      process.kill(-this.child.pid, name);
    } catch (error) {
      // It ended a moment ago.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }

  private hear(stream: 'stdout' | 'stderr', text: string): void {
    this.writtenBytes += Buffer.byteLength(text);
    const { keptCharacters } = this.options;
    this[stream] += text;
    if (keptCharacters !== undefined) this[stream] = this[stream].slice(-keptCharacters);
    for (const listener of this.outputListeners) listener(text);
    this.wakeReader();
  }
}

/** Starts programs and ends them all, in reverse order: dispose it in `afterEach` or `afterAll`. */
export class ProgramScope {
  private programs: Program[] = [];

  start(
    command: string,
    args: readonly string[],
    settings?: Readonly<Record<string, string>>,
    options?: ProgramOptions,
  ): Program {
    const started = new Program(command, args, settings, options);
    this.programs.push(started);
    return started;
  }

  async dispose(): Promise<void> {
    const running = this.programs.toReversed();
    this.programs = [];
    for (const program of running) if (program.isRunning) await program.stop();
  }
}

/** Whether a process with this id exists. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // Not `instanceof Error`: Node's own errors are of another realm than a Jest test.
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

/** The processes that a process has started, as Linux tells them. */
export function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.split(' ').filter(Boolean).map(Number);
}
