import { isMainThread } from 'node:worker_threads';
import type { Socket } from 'zeromq';
import { InvalidOptionsError, timerMs, wholeNumber } from '@app/transport-core';

/**
 * The sockets of the two sides: what the client sends with, and what the server receives with.
 * - `push-pull`: events, each to one of the servers in turn. At most once; what cannot be sent yet waits in a bounded outbox.
 * - `pub-sub`: events, each to every server that subscribed to its pattern. At most once; nothing waits for a subscriber.
 * - `dealer-router`: requests with answers, and events, each to one of the servers in turn.
 */
export const SOCKET_PAIRS = ['push-pull', 'pub-sub', 'dealer-router'] as const;
/** One of {@link SOCKET_PAIRS}. */
export type SocketPair = (typeof SOCKET_PAIRS)[number];

/** Where a side's sockets are: it binds or connects to one or several addresses. */
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
 * says what each does. The library's own promises rest on all other options, so it rejects those.
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
   * How long libzmq may keep the process alive after `close()` to send its last messages, in milliseconds. 0 drops them at
   * once. There is no "forever": a peer that is gone must not keep a process alive. It works when the process ends by itself;
   * `process.exit()` drops the messages at once.
   * @default 5000
   */
  lingerMs?: number;
  /**
   * Messages (not events) that libzmq may hold for one peer, each way. Small, so that messages wait in the outbox, which counts
   * them, and not in the socket, which does not. 0 means no limit. PUB/SUB drops what is above the limit, so there it must hold
   * a burst.
   * @default 16, for PUB/SUB 256
   */
  highWaterMark?: number;
  /**
   * Time between heartbeats, in milliseconds. On idle connections they are TCP's keep-alive, in whole seconds. Over
   * DEALER/ROUTER, a connected client that waits for an answer or an acknowledgement also sends PINGs: a server that is silent
   * for six of them counts as gone. ZMTP's own are not used, see docs/decisions/0007. 0 sends none: a peer that vanishes
   * without closing its connection is then noticed late or never.
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
  /** Passed to each zeromq.js socket as they are. @default none */
  socketOptions?: RawSocketOptions;
}

/** The zeromq.js socket options that every socket of this library is created with. */
export interface SocketSettings extends RawSocketOptions {
  readonly linger: number;
  readonly reconnectInterval: number;
  readonly reconnectMaxInterval: number;
  /** 1: the operating system checks whether the peer's system is there. */
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
 * Does not use ZMTP's heartbeats: libzmq 4.3.5 aborts the process when one is due on a failed connection whose messages still
 * wait to be read (zeromq/libzmq#4364). Sets no limit on how long a peer may read nothing: that would cut off slow peers, with
 * all that they have not read yet. See docs/decisions/0007.
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

/** zeromq.js silently stores an unknown name as a property of the socket. */
function checkedRaw(raw: RawSocketOptions): RawSocketOptions {
  const known = new Map<string, string>(Object.entries(RAW_OPTIONS));
  for (const [name, value] of Object.entries(raw)) {
    const type = known.get(name);
    if (type === undefined) {
      throw new InvalidOptionsError(
        `\`socketOptions.${name}\` cannot be set; these can: ${[...known.keys()].join(', ')}`,
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
/** libzmq's options have 32 bits: a larger number would become a different one. */
const MAX_MESSAGES = 2 ** 31 - 1;
/** The outbox holds nothing for subscribers: this is all the room that a burst has before events are dropped. */
const BROADCAST_HIGH_WATER_MARK = 256;

/** Messages a socket may hold for one peer. @throws InvalidOptionsError */
export function highWaterMark(options: ZmqSocketOptions & { readonly pair?: SocketPair }): number {
  const usual = options.pair === 'pub-sub' ? BROADCAST_HIGH_WATER_MARK : HIGH_WATER_MARK;
  return wholeNumber('highWaterMark', options.highWaterMark ?? usual, 0, MAX_MESSAGES);
}

const openInThread = new Set<Socket>();

/**
 * Closes a socket when its worker thread ends by itself or by an error: zeromq.js aborts the whole process over a socket that
 * is open then (zeromq/zeromq.js#411). `worker.terminate()` cannot be handled.
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
    // Another socket reads its events, and would close one turn later.
    socket.events.close();
    socket.close();
  }
}
