import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Far more than any client of ours sends ahead; a client that sends more without reading wants work and no answers. */
const MAX_UNANSWERED = 64;

/**
 * The connections of an HTTP server and the answers each of them waits for. Node's own `server.close()` ends the idle
 * ones and waits for the others, and it takes a connection that never sent a whole header for one that is busy: a
 * single client that stops in the middle would keep the service from stopping.
 */
export class OpenConnections {
  private readonly answers = new Map<Socket, Set<ServerResponse>>();
  private stopping = false;
  private pipelined: () => void = () => undefined;
  private deadline: NodeJS.Timeout | undefined;
  /** One for all answers. By then an answer has left its connection; its request has not. */
  private readonly onAnswerClosed: (this: ServerResponse) => void;

  constructor() {
    const finish = this.finish.bind(this);
    this.onAnswerClosed = function () {
      finish(this.req.socket, this);
    };
  }

  /** A new connection; while stopping, it is closed at once. Safe to call again for one that is known. */
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
   * A request whose header is complete; it is under way until its answer is closed. False when nobody can get the answer,
   * because the connection has ended: nothing may be done for it. Node hands over all requests of what it has read, a
   * thousand small ones at once, also when the first of them has closed their connection.
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
    // Node closes the answer that has the connection, and forgets those that wait behind it: what is held for them (a
    // stream of another server, a place) would be held for ever.
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
 * Calls `then` once, when the answer is complete or nobody can get it any more. All that wait for one answer share a
 * listener: Node warns of more than ten, and streams put up most of those by themselves.
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
