// A second producer: a program that uses the transport without the publisher, with a spool on disk.
import { setTimeout as sleep } from 'node:timers/promises';
import { ZmqClient } from '@app/zmq-transport';
import { eventOf } from '../oracle/event-number.js';
import type { DirectCommand, DirectMessage, DirectSettings } from './direct-messages.js';
import { OracleFile } from './oracle-file.js';

const CHUNK_EVENTS = 10;
const CHUNK_EVERY_MS = 8;

const settings = JSON.parse(process.argv[2] ?? '') as DirectSettings;
const oracle = new OracleFile(settings.oracleFile);
const client = new ZmqClient({
  pair: 'dealer-router',
  connect: settings.address,
  delivery: { mode: 'durable', directory: settings.spoolDirectory, producerId: 'chaos-direct' },
  serializer: {
    serialize: ({ pattern, data }: { pattern: string; data: object }) => ({ ...data, type: pattern }),
  },
});
const say = (message: DirectMessage): void => void process.send?.(message);

let next = settings.firstNumber;
let wanted = 0;
let underWay = 0;
let isEmitting = false;

/** Every second chunk is accepted when it is stored, the others when they are applied: both are promises. */
async function emitChunk(first: number, last: number, waitsForApplied: boolean): Promise<void> {
  oracle.note({ word: 'send', first, last });
  const numbers = Array.from({ length: last - first + 1 }, (_, index) => first + index);
  const deliveries = await Promise.all(
    numbers.map((number) =>
      client.deliver('trade', {
        ...eventOf(number),
        ts: Date.now() / 1000,
      }),
    ),
  );
  await Promise.all(deliveries.map(({ stored, applied }) => (waitsForApplied ? applied : stored)));
  oracle.note({ word: 'accepted', first, last });
  underWay -= numbers.length;
  say({ accepted: numbers.length });
}

async function emitWanted(): Promise<void> {
  isEmitting = true;
  while (wanted > 0) {
    const first = next;
    const count = Math.min(wanted, CHUNK_EVENTS);
    next += count;
    wanted -= count;
    underWay += count;
    // Not awaited: events that wait for the sidecar must not hold up later ones. A failure ends the process.
    void emitChunk(first, next - 1, Math.floor(first / CHUNK_EVENTS) % 2 === 0);
    await sleep(CHUNK_EVERY_MS);
  }
  isEmitting = false;
}

function report(): void {
  const unacknowledged = client.stats().delivery?.unacknowledgedEvents ?? 0;
  say({ open: wanted + underWay, unacknowledged });
}

process.on('message', (command: DirectCommand) => {
  if ('report' in command) report();
  else {
    wanted += command.emit;
    if (!isEmitting) void emitWanted();
  }
});
// The process that started it is gone: nothing is left to do.
process.on('disconnect', () => process.exit());
await client.open();
say({ ready: true });
