import { Logger, type INestApplicationContext } from '@nestjs/common';

/** How long a closed app may take to end by itself before it is ended by force. */
const LAST_RESORT_MS = 10_000;

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
        `${name}: something still runs ${LAST_RESORT_MS / 1000} s after the app was closed; the process is ended by force`,
      );
      process.exit();
    }, LAST_RESORT_MS).unref();
  };
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => void stop());
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
