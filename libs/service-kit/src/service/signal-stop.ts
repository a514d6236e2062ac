import { closeSync, openSync } from 'node:fs';
import { isatty } from 'node:tty';
import { Logger, type INestApplicationContext } from '@nestjs/common';

/** How long a closed app may take to end by itself before it is ended by force. */
const LAST_RESORT_MS = 10_000;
const HAD_TERMINAL = isatty(0) || isatty(1) || isatty(2);

const hangupListeners = new Set<() => void>();

/**
 * Calls `listener` at SIGHUP from now on, in place of closing the app: services read their files again at it. A process whose terminal
 * was closed gets the same signal, and is still closed by it.
 *
 * @returns stops that
 */
export function onHangup(listener: () => void): () => void {
  hangupListeners.add(listener);
  return () => hangupListeners.delete(listener);
}

/** Whether the process had a terminal, and has it no more. */
function isTerminalGone(): boolean {
  if (!HAD_TERMINAL) return false;
  try {
    closeSync(openSync('/dev/tty', 'r'));
    return false;
  } catch {
    // ENXIO or EIO: that it cannot be opened is the answer.
    return true;
  }
}

/**
 * Closes the app once, on SIGTERM, SIGINT or SIGHUP (its terminal was closed), and lets the process end by itself with code 0, or 1
 * when closing failed.
 *
 * Nest's own shutdown hooks call `process.exit()`, which loses what native code still has to deliver: ZeroMQ hands its last messages
 * to the network only while the process ends (the socket's linger).
 */
export function stopOnSignals(app: INestApplicationContext, name: string): void {
  let stopping = false;
  const stop = async (): Promise<void> => {
    if (stopping) return;
    stopping = true;
    process.exitCode = 0;
    try {
      await app.close();
    } catch (error) {
      Logger.error(`${name}: closing failed`, error instanceof Error ? error.stack : String(error));
      process.exitCode = 1;
    }
    setTimeout(() => {
      Logger.warn(
        `${name}: something still runs ${LAST_RESORT_MS / 1000} s after the app closed; ending the process by force`,
      );
      process.exit();
    }, LAST_RESORT_MS).unref();
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop());
  process.on('SIGHUP', () => {
    if (hangupListeners.size === 0 || isTerminalGone()) void stop();
    else for (const listener of hangupListeners) listener();
  });
  ignoreClosedOutput();
}

/**
 * When the terminal is closed, or the process that read our output is gone, each line that we write is an error event of the stream,
 * which would end the process in the middle of its drain.
 */
function ignoreClosedOutput(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
    });
  }
}
