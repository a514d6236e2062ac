// One end of one peer, in a process of its own: `node worker-main.js producer|consumer|latency-consumer PEER PORT`.
import { Logger } from '@nestjs/common';
import { nodePeer } from '../peers/peer-catalogue.js';
import { consumerCommands } from './consumer-commands.js';
import { CountingSink } from './counting-sink.js';
import { LatencySink } from './latency-sink.js';
import { producerCommands } from './producer-commands.js';
import type { Commands } from './protocol.js';
import { serveCommands } from './serve-commands.js';

const [role = '', peerName = '', port = ''] = process.argv.slice(2);
const peer = nodePeer(peerName);

async function openEnd(): Promise<{ commands: Commands; close(): Promise<unknown> }> {
  if (role === 'producer') {
    const producer = await peer.openProducer(Number(port));
    return { commands: producerCommands(producer), close: () => producer.close() };
  }
  const sink = role === 'latency-consumer' ? new LatencySink() : new CountingSink();
  const consumer = await peer.openConsumer(Number(port), sink);
  return { commands: consumerCommands(sink), close: () => consumer.close() };
}

// Nest logs to the standard output, which carries the answers; its errors go to the standard error.
Logger.overrideLogger(['error', 'fatal']);
const { commands, close } = await openEnd();
await serveCommands(commands);
await close();
process.exit(0);
