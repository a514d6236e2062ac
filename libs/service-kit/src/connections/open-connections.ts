import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Far more than an honest client sends ahead; one that sends more without reading makes work and wants no answers. */
const MAX_UNANSWERED = 64;

/**
 * The connections of an HTTP server, and the answers that each of them waits for. Node's own `server.close()` ends idle
 * connections and waits for the others, and it counts a connection that never sent a whole header as busy: one client that
 * stops in the middle would keep the service from stopping.
 */
export class OpenConnections {
  private readonly answers = new Map<Socket, Set<ServerResponse>>();
  private stopping = false;
  private pipelined: () => void = () => undefined;
  private deadline: NodeJS.Timeout | undefined;
  /** One listener for all answers. When it runs the answer has left its connection, but its request has not. */
  private readonly onAnswerClosed: (this: ServerResponse) => void;

  constructor() {
    const finish = this.finish.bind(this);
    this.onAnswerClosed = function () {
      finish(this.req.socket, this);
    };
  }

  /** Adds a connection; while the server stops, closes it at once. May be called again for the same connection. */
  add(socket: Socket): void {
    if (this.answers.has(socket)) return;
    if (this.stopping) {
      socket.destroy();
      return;
    }
    this.answers.set(socket, new Set());
    socket.once('close', () => this.remove(socket));
  }

  /** Calls `listener` for each connection that is closed because too many of its requests wait for answers. */
  onPipelined(listener: () => void): void {
    this.pipelined = listener;
  }

  /**
   * Begins a request whose header is complete; it is under way until its answer is closed. False when the connection has
   * ended, so that nobody can get the answer and no work may be done for it. Node passes on all requests that it has read, a
   * thousand small ones at once, even when the first of them has closed their connection.
   */
  begin(socket: Socket, answer: ServerResponse): boolean {
    if (!socket.writable) return false;
    this.add(socket);
    const answers = this.answers.get(socket);
    if (answers === undefined) return false;
    if (answers.size >= MAX_UNANSWERED) {
      socket.destroy();
      this.pipelined();
      return false;
    }
    answers.add(answer);
    answer.on('close', this.onAnswerClosed);
    return true;
  }

  /** True when no request is under way on this connection. */
  isIdle(socket: Socket): boolean {
    return (this.answers.get(socket)?.size ?? 0) === 0;
  }

  /** False once an answer has begun on this connection: what is written now would land inside of it. */
  isUnanswered(socket: Socket): boolean {
    return [...(this.answers.get(socket) ?? [])].every((answer) => !answer.headersSent);
  }

  /** Closes the connections without a request at once, each other one after its answer, and all after `graceMs`. */
  stop(graceMs: number): void {
    this.stopping = true;
    for (const [socket, answers] of this.answers) {
      if (answers.size === 0) socket.destroy();
    }
    if (this.answers.size === 0) return;
    this.deadline = setTimeout(() => {
      for (const socket of this.answers.keys()) socket.destroy();
    }, graceMs);
  }

  private finish(socket: Socket, answer: ServerResponse): void {
    const answers = this.answers.get(socket);
    answers?.delete(answer);
    // Not destroy(): the last bytes of the answer may still be on their way to the system.
    if (this.stopping && answers?.size === 0) socket.destroySoon();
  }

  private remove(socket: Socket): void {
    const answers = this.answers.get(socket);
    this.answers.delete(socket);
    // Node closes the answer that has the connection, and forgets those that wait behind it. What is held for them, such as
    // a stream of another server, would be held for ever.
    for (const answer of answers ?? []) {
      if (answer.socket !== null) continue;
      answer.destroy();
      answer.emit('close');
    }
    if (this.answers.size === 0) clearTimeout(this.deadline);
  }
}

const endings = new WeakMap<ServerResponse, (() => void)[]>();

/**
 * Calls `then` once, when the answer is complete or can no longer be delivered. All callbacks of one answer share a listener:
 * Node warns of more than ten, and streams add most of those themselves.
 */
export function whenAnswered(response: ServerResponse, then: () => void): void {
  const known = endings.get(response);
  if (known !== undefined) {
    known.push(then);
    return;
  }
  const all = [then];
  endings.set(response, all);
  const finish = (): void => {
    for (const one of all.splice(0)) one();
  };
  response.once('finish', finish);
  response.once('close', finish);
}
