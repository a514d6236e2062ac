import { isIPv4, isIPv6 } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';
import { InvalidOptionsError } from '@app/transport-core';
import type { Socket } from 'zeromq';
import type { ZmqEndpoints } from './socket-settings.js';

/** A side's addresses, checked: at least one, and all of them bound or all connected. */
export interface ResolvedEndpoints {
  readonly role: 'bind' | 'connect';
  readonly addresses: readonly [string, ...string[]];
}

type Role = ResolvedEndpoints['role'];

const ADDRESS = /^(?<scheme>tcp|ipc|inproc):\/\/(?<rest>.*)$/s;
/** An IPv6 address in brackets, or a host without colons; then a port. */
const HOST_AND_PORT = /^(?:\[(?<six>[^[\]]*)\]|(?<host>[^:[\]]*)):(?<port>[^:[\]]*)$/;
const PORT = /^[1-9]\d{0,4}$/;
const LARGEST_PORT = 65_535;
/** What the system would read as an IPv4 address in an old notation: 127.1, 0x7f.1, 2130706433. */
const NUMERIC_HOST = /^(?:.*\.)?(?:\d+|0x[\da-f]*)\.?$/i;
const NAME = /^(?=.{1,253}$)[\w-]{1,63}(?:\.[\w-]{1,63})*\.?$/;
/** The room for a socket's path in the kernel's structure, without the byte that ends it. */
const MAX_IPC_BYTES = 107;

/**
 * What is wrong with a ZeroMQ address, as a sentence that starts with the address; undefined when it is correct. libzmq itself
 * misreads many wrong addresses: port 70000 as 4464, `1e4` as 1, `7001/` as 7001.
 */
export function endpointFault(address: string, role: Role): string | undefined {
  const { scheme, rest = '' } = ADDRESS.exec(address)?.groups ?? {};
  if (scheme === undefined) return 'is not a tcp://, ipc:// or inproc:// address';
  if (/\s/.test(rest)) return 'has a space in it';
  if (scheme === 'tcp') return tcpFault(rest, role);
  if (rest === '') return scheme === 'ipc' ? 'names no path' : 'has no name after inproc://';
  if (scheme === 'inproc') return undefined;
  if (rest === '*' && role === 'connect') return 'names no path to connect to';
  const bytes = Buffer.byteLength(rest);
  return bytes > MAX_IPC_BYTES ? `has a path of ${bytes} bytes: the limit is ${MAX_IPC_BYTES}` : undefined;
}

function tcpFault(rest: string, role: Role): string | undefined {
  const { six, host = '', port } = HOST_AND_PORT.exec(rest)?.groups ?? {};
  if (port === undefined) {
    if (rest.includes('::') && /^[\da-f:.]+$/i.test(rest)) {
      return 'is invalid: write an IPv6 address in brackets, as in tcp://[::1]:5555';
    }
    return /^(?:\[[^\]]*\]|[^:]*)$/.test(rest)
      ? 'has no port: end it with one, as in tcp://127.0.0.1:5555'
      : 'is invalid: write one host and one port, as in tcp://127.0.0.1:5555';
  }
  return portFault(port, role) ?? (six === undefined ? hostFault(host, role) : ipv6Fault(six, role));
}

function portFault(port: string, role: Role): string | undefined {
  if (port === '*' && role === 'bind') return undefined;
  if (PORT.test(port) && Number(port) <= LARGEST_PORT) return undefined;
  if (port === '') return 'has no port after its colon';
  const free = role === 'bind' ? ', or * for one that is free' : '';
  return /[/?#]/.test(port)
    ? `has something after its port: end it with the port, as in tcp://127.0.0.1:5555`
    : `has an invalid port: it must be a number from 1 to ${LARGEST_PORT}${free}`;
}

function hostFault(host: string, role: Role): string | undefined {
  if (host === '') return 'names no host before its port';
  if (host === '*') return role === 'bind' ? undefined : 'names no host to connect to';
  if (host === '0.0.0.0' && role === 'connect')
    return 'means every address of a machine: connect to one of them';
  if (isIPv4(host)) return undefined;
  if (NUMERIC_HOST.test(host)) return 'is not an IPv4 address: write four numbers from 0 to 255';
  if (role === 'connect') return NAME.test(host) ? undefined : 'names an invalid host';
  const isOurs = host === 'localhost' || host === hostname() || host in networkInterfaces();
  return isOurs
    ? undefined
    : 'names no address or network interface of this machine: bind one of those, or tcp://0.0.0.0:5555 for all';
}

function ipv6Fault(text: string, role: Role): string | undefined {
  const [ip = '', scope, ...more] = text.split('%');
  if (!isIPv6(ip) || more.length > 0) return 'has no valid IPv6 address in its brackets';
  if (/^[0:]+$/.test(ip) && role === 'connect')
    return 'means every address of a machine: connect to one of them';
  if (scope === undefined) {
    return /^fe[89ab]/i.test(ip) ? 'needs its interface, as in tcp://[fe80::1%eth0]:5555' : undefined;
  }
  return scope in networkInterfaces() ? undefined : 'names a network interface that this machine lacks';
}

/** @throws InvalidOptionsError naming the option and each address that is wrong. */
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
  const fault = endpointsFault(addresses, role);
  if (fault !== undefined) throw new InvalidOptionsError(`\`${role}\`: ${fault}`);
  return { role, addresses };
}

/** Everything that is wrong with the addresses of one side, in one line; undefined when they are correct. */
export function endpointsFault(addresses: readonly string[], role: Role): string | undefined {
  const faults = addresses.flatMap((address, index) => {
    const fault =
      endpointFault(address, role) ??
      (addresses.indexOf(address) < index && !address.endsWith('*') ? 'is named twice' : undefined);
    // Keeps a password out of logs, even where an address cannot have one.
    return fault === undefined ? [] : [`"${shown(address)}" ${fault}`];
  });
  return faults.length === 0 ? undefined : faults.join('; ');
}

function shown(address: string): string {
  const [scheme = '', ...rest] = address.split('://');
  const text = rest.join('://');
  const at = text.lastIndexOf('@');
  return at > 0 ? `${scheme}://(hidden)${text.slice(at)}` : address;
}

/**
 * Makes the socket's next `bind` or `connect` understand an IPv6 address. Set only for addresses in brackets: with this option
 * a name would be looked up as IPv6 only, and an IPv4 address bound as `[::ffff:…]`.
 */
export function prepareFor(socket: Socket, address: string): void {
  const isIpv6 = address.startsWith('tcp://[');
  // zeromq.js warns of every option set on a socket in use, even when the value stays the same.
  if (socket.ipv6 !== isIpv6) socket.ipv6 = isIpv6;
}
