import { InvalidOptionsError } from '@app/transport-core';
import type { ZmqEndpoints } from '../zmq.options.js';

/** A side's addresses, checked: at least one, and all of them bound or all connected. */
export interface ResolvedEndpoints {
  readonly role: 'bind' | 'connect';
  readonly addresses: readonly [string, ...string[]];
}

const ADDRESS = /^(tcp|ipc|inproc):\/\/\S+$/;

/** @throws InvalidOptionsError naming the option and the address that is wrong. */
export function resolveEndpoints({ bind, connect }: ZmqEndpoints): ResolvedEndpoints {
  if ((bind === undefined) === (connect === undefined)) {
    throw new InvalidOptionsError('give exactly one of `bind` and `connect`');
  }
  const role = bind === undefined ? 'connect' : 'bind';
  const [first, ...rest] = [bind ?? connect ?? []].flat();
  if (first === undefined) {
    throw new InvalidOptionsError(`\`${role}\` names no address`);
  }
  const addresses = [first, ...rest] as const;
  const wrong = addresses.find((address) => !ADDRESS.test(address));
  if (wrong !== undefined) {
    throw new InvalidOptionsError(`\`${role}\`: "${wrong}" is no tcp://, ipc:// or inproc:// address`);
  }
  return { role, addresses };
}
