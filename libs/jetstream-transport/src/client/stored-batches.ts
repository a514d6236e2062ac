import { DeliverPolicy } from '@nats-io/jetstream';
import type { BrokerSession } from '../broker.js';

/** How far the clocks of a producer and the broker may differ. */
const CLOCK_SLACK_SECONDS = 60;
const READ_TOGETHER = 1000;

/**
 * Finds which of these messages the stream has, by their `Nats-Msg-Id`. It reads the headers of all messages stored since the
 * oldest of them was accepted: the broker remembers names for a shorter time.
 */
export async function findStored(
  { jetstream, manager }: BrokerSession,
  stream: string,
  names: ReadonlySet<string>,
  sinceSeconds: number,
): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  const { state } = await manager.streams.info(stream);
  if (state.messages === 0) {
    return found;
  }
  const since = new Date(Math.max(0, (sinceSeconds - CLOCK_SLACK_SECONDS) * 1000));
  const reader = await jetstream.consumers.get(stream, {
    deliver_policy: DeliverPolicy.StartTime,
    opt_start_time: since.toISOString(),
    headers_only: true,
  });
  const { num_pending: waiting } = await reader.info();
  for (let left = waiting; left > 0 && found.size < names.size;) {
    const messages = await reader.fetch({ max_messages: Math.min(left, READ_TOGETHER), expires: 5000 });
    let got = 0;
    for await (const message of messages) {
      got += 1;
      const name = message.headers?.get('Nats-Msg-Id');
      if (name !== undefined && names.has(name)) {
        found.add(name);
      }
    }
    if (got === 0) {
      throw new Error(`the broker sent none of the stream's ${left} messages`);
    }
    left -= got;
  }
  await reader.delete();
  return found;
}
