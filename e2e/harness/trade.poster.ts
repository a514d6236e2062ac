import type { Trade } from './trade.mix.js';

/** Posts one trade as a program would, and gives the answer. */
export function postTrade(publisherUrl: string, { side, qty }: Trade): Promise<Response> {
  return fetch(`${publisherUrl}/trade/${side}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify({ qty }),
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
