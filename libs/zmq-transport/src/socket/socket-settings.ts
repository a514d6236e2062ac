import { InvalidOptionsError } from '../errors/invalid-options.error.js';
import type { SocketPair, ZmqSocketOptions } from '../zmq.options.js';

/** The zeromq.js socket options that every socket of this library is created with. */
export interface SocketSettings {
  readonly linger: number;
  readonly heartbeatInterval: number;
  readonly heartbeatTimeout: number;
  readonly reconnectInterval: number;
  readonly reconnectMaxInterval: number;
}

const HEARTBEATS_UNTIL_GONE = 6;

/** @throws InvalidOptionsError for a value that is not a whole number of milliseconds ≥ 0. */
export function socketSettings(options: ZmqSocketOptions): SocketSettings {
  const heartbeatIntervalMs = wholeNumber('heartbeatIntervalMs', options.heartbeatIntervalMs ?? 5000);
  return {
    linger: wholeNumber('lingerMs', options.lingerMs ?? 5000),
    heartbeatInterval: heartbeatIntervalMs,
    heartbeatTimeout: heartbeatIntervalMs * HEARTBEATS_UNTIL_GONE,
    reconnectInterval: wholeNumber('reconnectIntervalMs', options.reconnectIntervalMs ?? 100),
    reconnectMaxInterval: wholeNumber('reconnectMaxIntervalMs', options.reconnectMaxIntervalMs ?? 2000),
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

/** @throws InvalidOptionsError unless `value` is a safe integer from `min` to `max`. */
export function wholeNumber(
  name: string,
  value: number,
  min = 0,
  max: number = Number.MAX_SAFE_INTEGER,
): number {
  if (!Number.isSafeInteger(value) || value < min || value > max) {
    const most = max === Number.MAX_SAFE_INTEGER ? '' : ` and ≤ ${max}`;
    throw new InvalidOptionsError(`\`${name}\` must be a whole number ≥ ${min}${most}, not ${String(value)}`);
  }
  return value;
}
