// Posts trades over keep-alive connections, where wrk is not installed: `node poster-main.js URL`.
import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { monotonicMs } from '../clock.js';
import { type Answer, numberOf } from './protocol.js';
import { serveCommands } from './serve-commands.js';

const url = new URL(process.argv[2] ?? '');
const BODY = '{"qty":1.5}';
const REQUEST = Buffer.from(
  [
    `POST ${url.pathname} HTTP/1.1`,
    `Host: ${url.host}`,
    'Content-Type: application/json',
    'Accept: application/json',
    `Content-Length: ${BODY.length}`,
    '',
    BODY,
  ].join('\r\n'),
);

const LENGTH = /^content-length: (\d+)$/im;

/** The length of a whole answer, its body included; undefined while some of it is missing. */
function answerLength(text: string): number | undefined {
  const headEnd = text.indexOf('\r\n\r\n');
  if (headEnd < 0) return undefined;
  const end = headEnd + 4 + Number(LENGTH.exec(text.slice(0, headEnd).replaceAll('\r', ''))?.[1] ?? 0);
  return text.length < end ? undefined : end;
}

/** One connection: the next post leaves when the last one is answered. */
function postInTurn(socket: Socket, isOver: () => boolean): Promise<{ answered: number; faults: number }> {
  return new Promise((resolve) => {
    let text = '';
    let answered = 0;
    let faults = 0;
    const end = (): void => {
      socket.destroy();
      resolve({ answered, faults });
    };
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      const length = answerLength(text);
      if (length === undefined) return;
      answered += 1;
      if (!text.startsWith('HTTP/1.1 202')) faults += 1;
      text = text.slice(length);
      if (isOver()) end();
      else socket.write(REQUEST);
    });
    socket.once('error', () => {
      faults += 1;
      end();
    });
    socket.once('end', () => {
      faults += 1;
      end();
    });
    socket.write(REQUEST);
  });
}

async function post(connections: number, seconds: number): Promise<Answer> {
  const sockets = Array.from({ length: connections }, () => connect(Number(url.port), url.hostname));
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  const startMs = monotonicMs();
  const isOver = (): boolean => monotonicMs() - startMs >= seconds * 1000;
  const results = await Promise.all(sockets.map((socket) => postInTurn(socket.setNoDelay(true), isOver)));
  return {
    answered: results.reduce((sum, it) => sum + it.answered, 0),
    faults: results.reduce((sum, it) => sum + it.faults, 0),
    seconds: (monotonicMs() - startMs) / 1000,
  };
}

await serveCommands({
  post: (command) => post(numberOf(command, 'connections'), numberOf(command, 'seconds')),
});
