import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { PROBLEM_MEDIA_TYPE, type ProblemDocument } from '../problem/problem.js';

const MALFORMED = {
  status: 400,
  field: 'request',
  rule: 'http',
  detail: 'the request is not well-formed HTTP',
};

const FAULTS: Record<string, typeof MALFORMED> = {
  HPE_HEADER_OVERFLOW: {
    status: 431,
    field: 'headers',
    rule: 'maxBytes',
    detail: 'the headers are too large',
  },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: {
    status: 413,
    field: 'body',
    rule: 'maxBytes',
    detail: 'the chunk extensions are too large',
  },
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: 408,
    field: 'request',
    rule: 'timeout',
    detail: 'the request was not complete in time',
  },
};

/** A whole HTTP answer to a request that Node could not read, and that no filter sees. */
export function clientErrorAnswer(code: string | undefined): string {
  const { status, field, rule, detail } = FAULTS[code ?? ''] ?? MALFORMED;
  const title = STATUS_CODES[status] ?? 'Error';
  const errors = [{ field, rule, message: detail }];
  // The path is unknown: it may be the part that Node could not read.
  const problem: ProblemDocument = { type: 'about:blank', title, status, detail, instance: '', errors };
  const body = JSON.stringify(problem);
  const headers = `Connection: close\r\nContent-Type: ${PROBLEM_MEDIA_TYPE}\r\nContent-Length: ${Buffer.byteLength(body)}`;
  return `HTTP/1.1 ${status} ${title}\r\n${headers}\r\n\r\n${body}`;
}

/** Answers, if the client can still read an answer, and closes the connection. */
export function refuseConnection(error: { code?: string }, socket: Socket, mayAnswer: boolean): void {
  // A connection without a request is closed without an answer.
  if (mayAnswer && socket.writable && error.code !== 'ECONNRESET' && socket.bytesRead > 0) {
    socket.write(clientErrorAnswer(error.code));
  }
  socket.destroySoon();
}
