import { spawnSync } from 'node:child_process';

/** The system's own Python: Debian's python3-zmq is installed for it, and for no other. */
export const SYSTEM_PYTHON = '/usr/bin/python3';

const probes = {
  prometheus: { command: ['prometheus', '--version'], install: 'apt-get install prometheus' },
  amtool: { command: ['amtool', '--version'], install: 'apt-get install prometheus-alertmanager' },
  'nats-server': { command: ['nats-server', '--version'], install: 'apt-get install nats-server' },
  nginx: { command: ['nginx', '-v'], install: 'apt-get install nginx' },
  'python3-zmq': { command: [SYSTEM_PYTHON, '-c', 'import zmq'], install: 'apt-get install python3-zmq' },
} as const;

function runs([program, ...args]: readonly string[]): boolean {
  return program !== undefined && spawnSync(program, args, { stdio: 'ignore' }).status === 0;
}

/**
 * Like `describe`, for tests that need a program outside the project. Without the program they are skipped, and their names say
 * why.
 */
export function describeWith(program: keyof typeof probes, title: string, tests: () => void): void {
  const { command, install } = probes[program];
  describeWhen(runs(command), title, `${program} is not installed: ${install}`, tests);
}

/** Like `describe` while `isPossible`; otherwise skipped, with the reason in the name. */
export function describeWhen(isPossible: boolean, title: string, reason: string, tests: () => void): void {
  if (isPossible) describe(title, tests);
  else describe.skip(`${title} (skipped: ${reason})`, tests);
}
