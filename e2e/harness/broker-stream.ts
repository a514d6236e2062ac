import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';

/** All events that a stream has, in its order; a message holds one or an array of them. */
export async function eventsOf(url: string, stream: string): Promise<unknown[]> {
  const connection = await connect({ servers: url });
  try {
    const { state } = await (await jetstreamManager(connection)).streams.info(stream);
    const events: unknown[] = [];
    if (state.messages === 0) return events;
    const consumer = await jetstream(connection).consumers.get(stream);
    for await (const message of await consumer.consume()) {
      const value: unknown = message.json();
      events.push(...(Array.isArray(value) ? (value as unknown[]) : [value]));
      if (message.info.pending === 0) break;
    }
    return events;
  } finally {
    await connection.close();
  }
}
