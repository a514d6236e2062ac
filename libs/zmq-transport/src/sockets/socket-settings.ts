import { isMainThread } from 'node:worker_threads';
import type { Socket } from 'zeromq';
import { InvalidOptionsError, timerMs, wholeNumber } from '@app/transport-core';

/**
 * The sockets of the two sides: what the client sends with, and what the server receives with.
 * - `push-pull`: events, each to one of the servers in turn. At most once; what cannot be sent yet waits, bounded.
 * - `pub-sub`: events, each to every server that subscribed to its pattern. At most once; nothing waits for anybody.
 * - `dealer-router`: requests with answers, and events, each to one of the servers in turn.
 */
export const SOCKET_PAIRS = ['push-pull', 'pub-sub', 'dealer-router'] as const;
/** One of {@link SOCKET_PAIRS}. */
export type SocketPair = (typeof SOCKET_PAIRS)[number];

/** Where a side's sockets are: it binds, or connects, to one address or several. */
export interface ZmqEndpoints {
  /**
   * Addresses to bind: `tcp://127.0.0.1:5555`, `tcp://0.0.0.0:*` (a free port), `ipc:///run/trades.sock`, `inproc://trades`.
   * Exactly one of `bind` and `connect` is given.
   */
  bind?: string | readonly string[];
  /** Addresses to connect to; a peer need not be there yet. */
  connect?: string | readonly string[];
}

/**
 * Options of zeromq.js sockets that this library does not set itself, by zeromq.js' names and in its units; its documentation
 * says what each does. All others are what the library's own promises rest on, and are refused.
 */
export interface RawSocketOptions {
  affinity?: number;
  backlog?: number;
  /** Milliseconds. */
  connectTimeout?: number;
  /** Milliseconds. */
  handshakeInterval?: number;
  interface?: string;
  loopbackFastPath?: boolean;
  /** Bytes. */
  receiveBufferSize?: number;
  /** Bytes. */
  sendBufferSize?: number;
  socksProxy?: string;
  /** Milliseconds. */
  tcpMaxRetransmitTimeout?: number;
  typeOfService?: number;
}

/** Settings of the ZeroMQ sockets themselves, the same on either side. */
export interface ZmqSocketOptions {
  /**
   * How long libzmq may hold the process after `close()` to hand the last messages to the network, in milliseconds.
   * 0 drops them at once. There is no "forever": a peer that is gone must not keep a process alive.
   * It works while the process ends by itself; `process.exit()` drops them at once, whatever this says.
   * @default 5000
   */
  lingerMs?: number;
  /**
   * Messages (not events) that libzmq may hold for one peer, each way. Small, so that what waits is seen in the
   * outbox, where it is counted, and not in the socket, where it is not. 0 means no limit. PUB/SUB drops what is above it: there it has to hold a burst.
   * @default 16, for PUB/SUB 256
   */
  highWaterMark?: number;
  /**
   * Time between heartbeats, in milliseconds. They are TCP's keep-alive, in whole seconds, on a
   * connection that is idle, and over DEALER/ROUTER PINGs of a client that has connected and waits for an answer or an
   * acknowledgement: a server from which nothing comes for six of them counts as gone. Not ZMTP's, see docs/decisions/0007.
   * 0 sends none: a peer that vanished without closing its connection is then noticed late or never.
   * @default 5000
   */
  heartbeatIntervalMs?: number;
  /**
   * First wait before a lost connection is tried again, in milliseconds; doubles at each failure.
   * @default 100
   */
  reconnectIntervalMs?: number;
  /**
   * Longest wait between two tries, in milliseconds.
   * @default 2000
   */
  reconnectMaxIntervalMs?: number;
  /** Handed to each zeromq.js socket as they are. @default none */
  socketOptions?: RawSocketOptions;
}

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

/** Unanswered heartbeats after which a peer counts as gone. */
export const HEARTBEATS_UNTIL_GONE = 6;

/**
 * Not ZMTP's heartbeats: libzmq 4.3.5 aborts the process when one is due on a connection that failed while its
 * messages wait to be read (zeromq/libzmq#4364). And no limit for how long a peer may take nothing: a slow one would be
 * cut off, with all that it has not read yet. See docs/decisions/0007.
 * @throws InvalidOptionsError for a value that is not a whole number of milliseconds ≥ 0.
 */
export function socketSettings(options: ZmqSocketOptions): SocketSettings {
  return {
    linger: timerMs('lingerMs', options.lingerMs ?? 5000),
    reconnectInterval: timerMs('reconnectIntervalMs', options.reconnectIntervalMs ?? 100),
    reconnectMaxInterval: timerMs('reconnectMaxIntervalMs', options.reconnectMaxIntervalMs ?? 2000),
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
/** libzmq's options are 32 bits: a larger number would be another one. */
const MAX_MESSAGES = 2 ** 31 - 1;
/** Nothing waits in the outbox for a subscriber: this is all that a burst can fill before events are dropped. */
const BROADCAST_HIGH_WATER_MARK = 256;

/** Messages a socket may hold for one peer. @throws InvalidOptionsError */
export function highWaterMark(options: ZmqSocketOptions & { readonly pair?: SocketPair }): number {
  const usual = options.pair === 'pub-sub' ? BROADCAST_HIGH_WATER_MARK : HIGH_WATER_MARK;
  return wholeNumber('highWaterMark', options.highWaterMark ?? usual, 0, MAX_MESSAGES);
}

const openInThread = new Set<Socket>();

/**
 * Closes a socket when its worker thread ends by itself or by an error: zeromq.js aborts the whole process when one is open then
 * (zeromq/zeromq.js#411). `worker.terminate()` gives nobody the chance.
 */
export function closeWithThread(socket: Socket): void {
  if (isMainThread) {
    return;
  }
  process.off('exit', closeAllOfThread).on('exit', closeAllOfThread);
  for (const other of openInThread) {
    if (other.closed) {
      openInThread.delete(other);
    }
  }
  openInThread.add(socket);
}

function closeAllOfThread(): void {
  for (const socket of openInThread) {
    // Its events are read by a socket of their own, which would end a turn later.
    socket.events.close();
    socket.close();
  }
}
