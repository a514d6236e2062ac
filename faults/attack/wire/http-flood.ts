import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

const HOLD_MS = 300;
const ANSWERS_MS = 20_000;
const ASKING_CONNECTIONS = 4;
/** No more requests ahead on one connection than an app allows. */
const AHEAD = 32;

/** The stranger's address, so that limits on it affect no other client. */
export const STRANGER_ADDRESS = '127.0.0.2';

/** Whether this system lets a program call from a second address of the loopback (Linux does). */
export function hasSecondAddress(): boolean {
  const loopback = Object.values(networkInterfaces()).flat();
  return loopback.some(
    (it) => it?.family === 'IPv4' && it.address === '127.0.0.1' && it.netmask === '255.0.0.0',
  );
}

/** A connection to an app; an error is simply its end. */
export async function dial(url: string, localAddress?: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), ...(localAddress && { localAddress }) });
  socket.on('error', () => socket.destroy());
  await Promise.race([once(socket, 'connect'), once(socket, 'close')]);
  return socket;
}

/** One request as text. */
export function requestText(path: string, headers: Readonly<Record<string, string>> = {}): string {
  const lines = Object.entries({ host: 'localhost', ...headers }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  return `GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`;
}

/** Sends many requests on many connections, reads none of the answers, and closes all. */
export async function floodUnread(
  url: string,
  connections: number,
  requests: readonly string[],
): Promise<void> {
  const sockets = await Promise.all(Array.from({ length: connections }, () => dial(url)));
  const text = requests.join('');
  for (const socket of sockets) socket.write(text);
  await sleep(HOLD_MS);
  for (const socket of sockets) socket.destroy();
}

/** Sends requests on one connection, some ahead of their answers, for as long as it lasts. @returns how many were answered */
async function askOn(
  socket: Socket,
  waiting: string[],
  deadlineMs: number,
  onStatus: (status: number) => void,
): Promise<number> {
  const count = { sent: 0, answered: 0 };
  let text = '';
  const askMore = (): void => {
    const next = waiting.splice(0, AHEAD - (count.sent - count.answered));
    count.sent += next.length;
    if (next.length > 0) socket.write(next.join(''));
  };
  socket.setEncoding('latin1').on('data', (part: string) => {
    text += part;
    const found = [...text.matchAll(/HTTP\/1\.1 (\d{3}) [^\r]*\r\n/g)];
    for (const [, status] of found) onStatus(Number(status));
    count.answered += found.length;
    // Keeps what may be the beginning of a status line.
    text = text.slice(-64).replace(/HTTP\/1\.1 \d{3} [^\r]*\r\n/g, '');
    askMore();
  });
  askMore();
  while (count.answered < count.sent && !socket.destroyed && performance.now() < deadlineMs) await sleep(5);
  socket.destroy();
  return count.answered;
}

/**
 * Sends requests on a few connections, as fast as the answers come: an app closes a connection that asks far ahead.
 * @returns the status codes of the answers
 */
export async function statusesOf(
  url: string,
  requests: readonly string[],
  localAddress?: string,
): Promise<number[]> {
  const waiting = [...requests];
  const statuses: number[] = [];
  const deadlineMs = performance.now() + ANSWERS_MS;
  const ask = async (): Promise<void> => {
    let isAnswering = true;
    while (isAnswering && waiting.length > 0 && performance.now() < deadlineMs) {
      const socket = await dial(url, localAddress);
      isAnswering = (await askOn(socket, waiting, deadlineMs, (status) => statuses.push(status))) > 0;
    }
  };
  await Promise.all(Array.from({ length: ASKING_CONNECTIONS }, ask));
  return statuses;
}
