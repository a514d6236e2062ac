// Preloaded (`--import`) into what a launcher starts. The launcher holds the other end of a pipe and never writes to it: the
// pipe's end says that the launcher is gone, however it went. Then this process is asked to stop, as the launcher would have.
import { Socket } from 'node:net';
import { isMainThread } from 'node:worker_threads';

/** The first descriptor after the standard ones; `launched` in service.mjs opens it. */
const LAUNCHER_FD = 3;

if (isMainThread) {
  const launcher = new Socket({ fd: LAUNCHER_FD, readable: true, writable: false });
  // Nothing is ever written to it, and a process that is done must be able to end.
  launcher.on('data', () => undefined).unref();
  launcher.once('end', stop).on('error', stop);
}

function stop() {
  process.kill(process.pid, 'SIGTERM');
}
