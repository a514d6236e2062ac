import type { Program, ProgramScope } from '../../testing/program.js';
import type { StackAddresses } from '../../testing/stack.js';

/** The environment that gives `npm start` addresses of its own. */
export function launcherSettings(at: StackAddresses): Record<string, string> {
  return {
    SIDECAR_PORT: String(at.sidecarPort),
    PUBLISHER_PORT: String(at.publisherPort),
    SIDECAR_ZMQ_BIND: at.zmqAddress,
    WEBAPP_ZMQ_ADDR: at.zmqAddress,
  };
}

/** Runs `npm start`, through npm as a user does, and returns when it says that it is ready. */
export async function npmStart(scope: ProgramScope, at: StackAddresses): Promise<Program> {
  const launcher = scope.start('npm', ['start'], launcherSettings(at));
  await launcher.waitForOutput(/^ready in /m);
  return launcher;
}

/** The process id of an app that the launcher started. */
export function childPid(launcher: Program, app: 'sidecar' | 'publisher'): number {
  const pid = new RegExp(`^${app} is starting \\(pid (\\d+)\\)$`, 'm').exec(launcher.stdout)?.[1];
  if (pid === undefined) throw new Error(`the launcher did not name the pid of ${app}`);
  return Number(pid);
}
