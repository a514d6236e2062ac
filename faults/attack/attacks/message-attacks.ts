import type { GroundAttack } from '../attack.js';
import type { Ground } from '../ground/ground.js';
import { processorSecondsOf } from '../ground/process-memory.js';
import { encodeMessage, ZmtpPeer } from '../wire/zmtp-peer.js';

/**
 * Parts of one message, of two bytes each on the wire. libzmq bounds neither their number nor their memory, which is 600 times
 * as much. The attack checks that a message of a megabyte does no more harm than documented.
 */
const PARTS = 400_000;
const WIDE_MESSAGES = 20;
/** A wide object as the type may cost at most this many times what it costs as a field that nothing reads. */
const WIDE_RATIO = 1.5;
/** Below this the system's clock is too coarse to compare. */
const WIDE_SECONDS = 1;
const TAKEN_MS = 60_000;

/** A message of empty parts. */
function emptyParts(parts: number): Buffer {
  const bytes = Buffer.alloc(2 * parts, Buffer.from([0x01, 0]));
  bytes[bytes.length - 2] = 0;
  return bytes;
}

function wideObject(): Record<string, number> {
  const wide: Record<string, number> = {};
  for (let index = 0; index < 60_000; index += 1) wide[`k${index}-${index % 7}`] = index;
  return wide;
}

/** Sends events that are rejected, and returns what they cost the sidecar in seconds of processor time. */
async function costOf(ground: Ground, event: object): Promise<number | undefined> {
  const { pid } = ground.stack.app('sidecar');
  const before = await ground.rejected();
  const startSeconds = processorSecondsOf(pid);
  const peer = await ZmtpPeer.open(ground.zmqPort, 'PUSH');
  const message = encodeMessage([JSON.stringify(event)]);
  for (let index = 0; index < WIDE_MESSAGES; index += 1) await peer.write(message);
  await ground.hasRejected(before + WIDE_MESSAGES, TAKEN_MS);
  const endSeconds = processorSecondsOf(pid);
  peer.close();
  return startSeconds === undefined || endSeconds === undefined ? undefined : endSeconds - startSeconds;
}

async function sendParts(ground: Ground, type: string): Promise<string[]> {
  const before = await ground.rejected();
  const peer = await ZmtpPeer.open(ground.zmqPort, type);
  await peer.write(emptyParts(PARTS));
  const isRejected = await ground.hasRejected(before + 1, TAKEN_MS);
  peer.close();
  return isRejected ? [] : ['the message was not rejected, or not counted'];
}

/** Hole 3 b, and of hole 8 the wide object: what one ZeroMQ message can cost. */
export const messageAttacks: readonly GroundAttack[] = [
  {
    name: 'wide-type',
    title: `${WIDE_MESSAGES} events whose type is an object of 60,000 keys`,
    setting: 'open',
    isShort: true,
    async run(ground) {
      const wide = wideObject();
      const asField = await costOf(ground, { type: 'trade', side: 'buy', qty: -1, ts: 1, wide });
      const asType = await costOf(ground, { type: wide, side: 'buy', qty: -1, ts: 1 });
      if (asField === undefined || asType === undefined) return [];
      const isDear = asType > WIDE_SECONDS && asType > WIDE_RATIO * asField;
      const costs = `${asType.toFixed(1)} s of processor time, ${asField.toFixed(1)} s as another field`;
      return isDear ? [`${WIDE_MESSAGES} wide types cost ${costs}`] : [];
    },
  },
  {
    name: 'many-parts',
    title: `one PUSH message of ${PARTS} empty parts`,
    setting: 'open',
    isShort: false,
    run: (ground) => sendParts(ground, 'PUSH'),
  },
  {
    name: 'many-parts-dealer',
    title: 'the same from a DEALER, to a sidecar that acknowledges',
    setting: 'closed',
    isShort: false,
    run: (ground) => sendParts(ground, 'DEALER'),
  },
];
