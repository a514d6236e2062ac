import { Push } from 'zeromq';
import type { Trade } from './trade-mix.js';

/** Posts one trade as a program would, and gives the answer. */
export function postTrade(publisherUrl: string, { side, ...fields }: Trade): Promise<Response> {
  return fetch(`${publisherUrl}/trade/${side}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify(fields),
  });
}

/** Posts all trades, `atOnce` at a time, and gives the status codes in the trades' order. */
export async function postAll(
  publisherUrl: string,
  trades: readonly Trade[],
  atOnce = 16,
): Promise<number[]> {
  const statuses: number[] = [];
  const work = trades.entries();
  const worker = async (): Promise<void> => {
    for (const [index, trade] of work) {
      const answer = await postTrade(publisherUrl, trade);
      await answer.arrayBuffer();
      statuses[index] = answer.status;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return statuses;
}

/** Pushes one event to the sidecar as it stands, past the publisher and its checks. */
export async function pushOnce(zmqAddress: string, event: object): Promise<void> {
  const socket = new Push({ linger: 5000 });
  try {
    socket.connect(zmqAddress);
    await socket.send(JSON.stringify(event));
  } finally {
    socket.close();
  }
}
