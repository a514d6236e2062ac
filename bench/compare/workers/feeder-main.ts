// A bare zeromq PUSH that feeds a sidecar with trades of the contract: `node feeder-main.js PORT`.
import { Push } from 'zeromq';
import { monotonicMs } from '../clock.js';
import { tradeEvent } from '../trade-event.js';
import { type Answer, numberOf } from './protocol.js';
import { serveCommands } from './serve-commands.js';

/** How many different messages are sent in turn. They are made before anything is measured. */
const MESSAGES = 512;
const LOOK_EVERY_MESSAGES = 64;

const socket = new Push({ linger: 0, sendHighWaterMark: 128 });
socket.connect(`tcp://127.0.0.1:${process.argv[2]}`);

function messagesOf(perMessage: number): Buffer[] {
  const ts = Date.now() / 1000;
  return Array.from({ length: MESSAGES }, (_, message) => {
    const events = Array.from({ length: perMessage }, (_, index) =>
      tradeEvent(message * perMessage + index, ts),
    );
    return Buffer.from(JSON.stringify(perMessage === 1 ? events[0] : events));
  });
}

const messagesBySize = new Map([1, 256].map((perMessage) => [perMessage, messagesOf(perMessage)]));

/** Sends whole messages until `isOver`, as fast as the receiver takes them. */
async function feed(perMessage: number, isOver: (sent: number) => boolean): Promise<Answer> {
  const messages = messagesBySize.get(perMessage) ?? [];
  let sent = 0;
  for (let message = 0; message % LOOK_EVERY_MESSAGES !== 0 || !isOver(sent); message += 1) {
    await socket.send(messages[message % MESSAGES] ?? Buffer.alloc(0));
    sent += perMessage;
  }
  return { sent };
}

await serveCommands({
  feed: (command) => {
    const count = numberOf(command, 'count');
    return feed(numberOf(command, 'perMessage'), (sent) => sent >= count);
  },
  feedFor: (command) => {
    const endMs = monotonicMs() + numberOf(command, 'seconds') * 1000;
    return feed(numberOf(command, 'perMessage'), () => monotonicMs() >= endMs);
  },
});
socket.close();
process.exit(0);
