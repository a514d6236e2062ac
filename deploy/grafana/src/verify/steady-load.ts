import { setTimeout as delay } from 'node:timers/promises';
import { Push } from 'zeromq';
import { KNOWN_LOAD, ORDERS } from '../known-load.js';

const BODY = JSON.stringify(KNOWN_LOAD.post);
const ORDERS_BODY = JSON.stringify(ORDERS.post);
const LINGER_MS = 2000;
const JSON_HEADERS = { 'content-type': 'application/json', accept: 'application/json' };

/**
 * Sends the known load: its posts on schedule, whatever the answers take, and beside them a little that is wrong,
 * so that the panels of refusals have something to show.
 * @param pullAddress the sidecar's PULL socket, to which bad inputs go; undefined where it has another socket
 * @throws Error when a post of good trades is not accepted
 */
export async function sendKnownLoad(publisherUrl: string, pullAddress: string | undefined): Promise<void> {
  const socket = pullAddress === undefined ? undefined : new Push({ linger: LINGER_MS });
  socket?.connect(pullAddress ?? '');
  const startMs = performance.now();
  const answers: Promise<void>[] = [];
  const { seconds, postsPerSecond } = KNOWN_LOAD;
  for (let index = 0; index < seconds * postsPerSecond; index += 1) {
    const dueMs = startMs + (index * 1000) / postsPerSecond;
    await delay(Math.max(0, dueMs - performance.now()));
    answers.push(post(`${publisherUrl}/trades`, BODY));
    // Orders only where the stack knows their type.
    if (socket !== undefined && index % (postsPerSecond / ORDERS.postsPerSecond) === 0) {
      answers.push(post(`${publisherUrl}/events/order`, ORDERS_BODY));
    }
    // Half a second apart from each other, and once a second each.
    if (index % postsPerSecond === 0) await socket?.send(badInput(index / postsPerSecond));
    if (index % postsPerSecond === postsPerSecond / 2) answers.push(postWrongSide(publisherUrl));
  }
  await Promise.all(answers);
  socket?.close();
}

async function post(url: string, body: string): Promise<void> {
  const answer = await fetch(url, { method: 'POST', headers: JSON_HEADERS, body });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`the publisher answered ${answer.status}: ${text}`);
}

async function postWrongSide(publisherUrl: string): Promise<void> {
  const answer = await fetch(`${publisherUrl}/trade/hold`, {
    method: 'POST',
    headers: JSON_HEADERS,
    body: '{}',
  });
  await answer.arrayBuffer();
}

function badInput(number: number): string {
  if (number % 2 === 0) return 'this is no JSON';
  return JSON.stringify({ type: 'trade', side: 'buy', qty: -1, ts: Date.now() / 1000 });
}
