import { isIP } from 'node:net';
import { ValidateBy, type ValidationArguments } from 'class-validator';

/** The longest time that one of Node's timers can wait, in milliseconds; Node waits 1 ms for a longer one. */
export const MAX_TIMER_MS = 2 ** 31 - 1;

/** The message of the error that `use` throws, or undefined when it does not throw. */
function faultOf<T>(use: (settings: T) => unknown, settings: object): string | undefined {
  try {
    use(settings as T);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/**
 * A rule of a setting that names something, such as a file: `use` tries to use it, and sees all settings. The operator reads
 * the message of its error, which must therefore contain no secret.
 */
export function UsableBy<T extends object>(use: (settings: T) => unknown): PropertyDecorator {
  return ValidateBy({
    name: 'usable',
    validator: {
      validate: (_value, args?: ValidationArguments) => faultOf(use, args?.object ?? {}) === undefined,
      defaultMessage: (args?: ValidationArguments) => faultOf(use, args?.object ?? {}) ?? '',
    },
  });
}

const NAME = /^(?=.{1,253}$)[\w-]{1,63}(?:\.[\w-]{1,63})*$/;
/** What the system would read as an IPv4 address, in one of its old notations: 127.1, 0x7f.1, 2130706433. */
const NUMERIC = /^(?:.*\.)?(?:\d+|0x[\da-f]*)$/i;

function assertHost(host: string): void {
  if (isIP(host) !== 0 || (NAME.test(host) && !NUMERIC.test(host))) return;
  throw new Error(
    /^\[.*\]$/.test(host)
      ? 'write an IPv6 address without brackets, as in ::1'
      : 'must be an IP address or a name of this machine, such as 127.0.0.1, ::1 or localhost',
  );
}

/** The rule of `HOST`: one address or name to listen on, written in full. */
export function ListenHost(): PropertyDecorator {
  return UsableBy(({ HOST }: { HOST: string }) => assertHost(HOST));
}
