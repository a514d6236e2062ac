import type { IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import { BackOff, type BackOffBounds, retryAfterMs } from './back-off.js';

/** What a connection needs. */
export interface ConnectionOptions {
  readonly url: string;
  /** What to send once connected; undefined: nothing. */
  readonly greeting: string | undefined;
  /** Milliseconds without any message or ping after which the other side counts as gone. @default 60000 */
  readonly silenceMs?: number;
  readonly backOff?: BackOffBounds;
}

/** What happens on a connection. */
export interface ConnectionListener {
  /** A message; undefined for one that is no text. */
  onMessage(text: string | undefined): void;
  onOpen(): void;
  /** The connection is over, and the next attempt comes after so many milliseconds. */
  onLost(why: string, againMs: number): void;
  /** The exchange does not let us in, and will not: nothing is tried again. */
  onDenied(why: string): void;
}

/** One attempt, or one connection. */
interface Line {
  readonly socket: WebSocket;
  /** Why it ended; the first reason counts. */
  why: string;
  /** How long the exchange asks us to wait. */
  askedMs: number;
}

const SILENCE_MS = 60_000;
const HANDSHAKE_TIMEOUT_MS = 10_000;
/** A peer that does not answer our closing is not waited for any longer. */
const CLOSE_TIMEOUT_MS = 1000;
/** No message about a trade comes near it. */
const MAX_MESSAGE_BYTES = 1024 * 1024;
const NORMAL = 1000;
/** Answers that every other attempt would get too. */
const LASTING_STATUSES = new Set([400, 401, 403, 404, 405, 410, 451]);

/**
 * A WebSocket to an exchange that comes back whenever it is lost, after a wait that grows with each failure in a row. It answers
 * pings (`ws` does), and notices a peer that is gone without a word.
 */
export class ExchangeConnection {
  private readonly backOff: BackOff;
  private line: Line | undefined;
  /** Serves until its successor is open. */
  private leaving: Line | undefined;
  private retry: NodeJS.Timeout | undefined;
  private silence: NodeJS.Timeout | undefined;
  private isClosed = false;

  constructor(
    private readonly options: ConnectionOptions,
    private readonly listener: ConnectionListener,
  ) {
    this.backOff = new BackOff(options.backOff);
  }

  /** @throws SyntaxError for an address that no WebSocket can have */
  open(): void {
    if (this.isClosed) return;
    const socket = new WebSocket(this.options.url, {
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
      maxPayload: MAX_MESSAGE_BYTES,
      perMessageDeflate: false,
    });
    const line: Line = { socket, why: '', askedMs: 0 };
    this.line = line;
    socket.on('error', (error: NodeJS.ErrnoException) => (line.why ||= error.message || String(error.code)));
    socket.on('unexpected-response', (_request, answer: IncomingMessage) => this.refused(line, answer));
    socket.on('open', () => this.opened(line));
    socket.on('message', (data, isBinary) => this.heard(isBinary ? undefined : String(data)));
    socket.on('ping', () => this.watch());
    socket.on('close', (code, reason) => {
      line.why ||= closeText(code, String(reason));
      this.lost(line);
    });
  }

  /** The exchange asks for a new connection: the present one serves until that is open. */
  renew(): void {
    if (this.isClosed || this.leaving !== undefined || this.line?.socket.readyState !== WebSocket.OPEN)
      return;
    this.leaving = this.line;
    this.open();
  }

  /** Closes for good: nothing is heard any more. */
  close(): void {
    this.isClosed = true;
    clearTimeout(this.retry);
    clearTimeout(this.silence);
    for (const line of [this.line, this.leaving]) if (line !== undefined) end(line.socket);
  }

  private refused(line: Line, { statusCode = 0, headers }: IncomingMessage): void {
    line.why = `it answered ${statusCode}`;
    line.askedMs = retryAfterMs(headers['retry-after']);
    if (LASTING_STATUSES.has(statusCode)) {
      this.close();
      this.listener.onDenied(line.why);
    }
    line.socket.terminate();
  }

  private opened({ socket }: Line): void {
    if (this.options.greeting !== undefined) socket.send(this.options.greeting);
    if (this.leaving !== undefined) end(this.leaving.socket);
    this.leaving = undefined;
    this.watch();
    this.listener.onOpen();
  }

  private heard(text: string | undefined): void {
    if (this.isClosed) return;
    // Not before: a server that lets everybody in and says nothing must not be asked again every second.
    this.backOff.reset();
    this.watch();
    this.listener.onMessage(text);
  }

  /** From now on the peer has so much time for its next word. */
  private watch(): void {
    clearTimeout(this.silence);
    if (this.isClosed) return;
    this.silence = setTimeout(() => {
      for (const line of [this.line, this.leaving]) {
        if (line === undefined) continue;
        line.why = 'nothing came for too long';
        line.socket.terminate();
      }
    }, this.options.silenceMs ?? SILENCE_MS);
  }

  private lost(line: Line): void {
    if (line === this.leaving) this.leaving = undefined;
    if (this.isClosed || line !== this.line) return;
    clearTimeout(this.silence);
    const againMs = this.backOff.nextMs(line.askedMs);
    this.retry = setTimeout(() => this.open(), againMs);
    this.listener.onLost(line.why, againMs);
  }
}

function end(socket: WebSocket): void {
  const impatience = setTimeout(() => socket.terminate(), CLOSE_TIMEOUT_MS);
  socket.once('close', () => clearTimeout(impatience));
  socket.close(NORMAL);
  if (socket.readyState === WebSocket.CLOSED) clearTimeout(impatience);
}

/** Without what a terminal would take for a command. */
function closeText(code: number, reason: string): string {
  const words = reason.replaceAll(/\p{C}+/gu, ' ').slice(0, 200);
  return `closed with ${code}${words === '' ? '' : ` (${words})`}`;
}
