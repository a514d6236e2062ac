import { isIP } from 'node:net';
import { UsableBy } from './usable.rule.js';

/** The longest time that one of Node's timers can wait, in milliseconds: it would take a longer one for 1 ms. */
export const MAX_TIMER_MS = 2 ** 31 - 1;

const NAME = /^(?=.{1,253}$)[\w-]{1,63}(?:\.[\w-]{1,63})*$/;
/** What the system would read as an IPv4 address, in one of its old ways of writing one: 127.1, 0x7f.1, 2130706433. */
const NUMERIC = /^(?:.*\.)?(?:\d+|0x[\da-f]*)$/i;

function assertHost(host: string): void {
  if (isIP(host) !== 0 || (NAME.test(host) && !NUMERIC.test(host))) return;
  throw new Error(
    /^\[.*\]$/.test(host)
      ? 'an IPv6 address stands here without brackets, as in ::1'
      : 'this is no IP address and no name of this machine, such as 127.0.0.1, ::1 or localhost',
  );
}

/** A rule of `HOST`: an address to listen on, alone and written in full. */
export function ListenHost(): PropertyDecorator {
  return UsableBy(({ HOST }: { HOST: string }) => assertHost(HOST));
}
