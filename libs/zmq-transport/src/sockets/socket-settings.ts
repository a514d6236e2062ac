import { InvalidOptionsError, wholeNumber } from '@app/transport-core';
import type { RawSocketOptions, SocketPair, ZmqSocketOptions } from '../zmq.options.js';

/** The zeromq.js socket options that every socket of this library is created with. */
export interface SocketSettings extends RawSocketOptions {
  readonly linger: number;
  readonly reconnectInterval: number;
  readonly reconnectMaxInterval: number;
  /** 1: the system asks whether the peer's system is there. */
  readonly tcpKeepalive: number;
  /** Seconds. */
  readonly tcpKeepaliveIdle: number;
  /** Seconds. */
  readonly tcpKeepaliveInterval: number;
  readonly tcpKeepaliveCount: number;
}

/** A peer that lets so many heartbeats go unanswered is taken for gone. */
export const HEARTBEATS_UNTIL_GONE = 6;

/**
 * Not ZMTP's heartbeats: libzmq 4.3.5 aborts the process when one is due on a connection that failed while its
 * messages wait to be read (zeromq/libzmq#4364). And no limit for how long a peer may take nothing: a slow one would be
 * cut off, with all that it has not read yet. See docs/decisions/0007.
 * @throws InvalidOptionsError for a value that is not a whole number of milliseconds ≥ 0.
 */
export function socketSettings(options: ZmqSocketOptions): SocketSettings {
  return {
    linger: wholeNumber('lingerMs', options.lingerMs ?? 5000),
    reconnectInterval: wholeNumber('reconnectIntervalMs', options.reconnectIntervalMs ?? 100),
    reconnectMaxInterval: wholeNumber('reconnectMaxIntervalMs', options.reconnectMaxIntervalMs ?? 2000),
    ...keepAlive(heartbeatInterval(options)),
    ...checkedRaw(options.socketOptions ?? {}),
  };
}

const RAW_OPTIONS: Readonly<Record<keyof RawSocketOptions, 'number' | 'string' | 'boolean'>> = {
  affinity: 'number',
  backlog: 'number',
  connectTimeout: 'number',
  handshakeInterval: 'number',
  interface: 'string',
  ipv6: 'boolean',
  loopbackFastPath: 'boolean',
  receiveBufferSize: 'number',
  sendBufferSize: 'number',
  socksProxy: 'string',
  tcpMaxRetransmitTimeout: 'number',
  typeOfService: 'number',
};

/** zeromq.js takes a name that it does not know for a property of its own, and says nothing. */
function checkedRaw(raw: RawSocketOptions): RawSocketOptions {
  const known = new Map<string, string>(Object.entries(RAW_OPTIONS));
  for (const [name, value] of Object.entries(raw)) {
    const type = known.get(name);
    if (type === undefined) {
      throw new InvalidOptionsError(
        `\`socketOptions.${name}\` cannot be handed through; these can: ${[...known.keys()].join(', ')}`,
      );
    }
    if (typeof value !== type || Number.isNaN(value)) {
      throw new InvalidOptionsError(`\`socketOptions.${name}\` must be a ${type}, not ${String(value)}`);
    }
  }
  return raw;
}

/** As long as TCP's keep-alive can wait on Linux, about nine hours. */
const MAX_HEARTBEAT_MS = 32_767_000;

/** Milliseconds; 0 for none. @throws InvalidOptionsError */
export function heartbeatInterval(options: ZmqSocketOptions): number {
  return wholeNumber('heartbeatIntervalMs', options.heartbeatIntervalMs ?? 5000, 0, MAX_HEARTBEAT_MS);
}

function keepAlive(intervalMs: number): Omit<SocketSettings, 'linger' | `reconnect${string}`> {
  const seconds = Math.max(1, Math.ceil(intervalMs / 1000));
  return {
    tcpKeepalive: intervalMs > 0 ? 1 : 0,
    tcpKeepaliveIdle: seconds,
    tcpKeepaliveInterval: seconds,
    tcpKeepaliveCount: HEARTBEATS_UNTIL_GONE,
  };
}

const HIGH_WATER_MARK = 16;
/** Nothing waits in the outbox for a subscriber: this is all that a burst can fill before events are dropped. */
const BROADCAST_HIGH_WATER_MARK = 256;

/** Messages a socket may hold for one peer. @throws InvalidOptionsError */
export function highWaterMark(options: ZmqSocketOptions & { readonly pair?: SocketPair }): number {
  const usual = options.pair === 'pub-sub' ? BROADCAST_HIGH_WATER_MARK : HIGH_WATER_MARK;
  return wholeNumber('highWaterMark', options.highWaterMark ?? usual);
}
