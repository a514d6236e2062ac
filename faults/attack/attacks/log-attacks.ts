import { createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Program } from '../../../testing/program.js';
import { entryOf } from '../../../testing/stack.js';
import { freePorts, portOf } from '../../../testing/ports.js';
import type { GroundAttack, LoneAttack } from '../attack.js';
import { hello, KIND } from '../wire/delivery-peer.js';
import { encodeMessage, greeting, readyCommand, ZmtpPeer, ZmtpReader } from '../wire/zmtp-peer.js';

const BROKEN_POSTS = 400;
const FORGED = 400;
const ROGUE_MS = 5_000;
const BOOT_MS = 40_000;
/**
 * Control characters, including C1, and characters that change a line or its direction; of these, a log may contain only line
 * ends.
 */
const UNSEEN = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u;
const NASTY = '\u001b[2J\u001b[31m\r\n[Nest] 1 - LOG [publisher] all is well\u009b1A\u202egnorw\u2028\u0007';
const LOG_BYTES_A_SECOND = 2_048;

const boundary = 'multipart/form-data; boundary=b';
const part = 'content-disposition: form-data; name="qty"';

/** Bodies that are no valid multipart form; none of them is our fault. */
const BROKEN: readonly (readonly [type: string, body: string])[] = [
  [boundary, '--b'],
  [boundary, `--b\r\n${part}\r\n\r\n1`],
  [boundary, `--b\r\n${part}`],
  [boundary, 'nothing of the kind'],
  ['multipart/form-data', `--b\r\n${part}\r\n\r\n1\r\n--b--\r\n`],
  ['multipart/form-data; boundary=', '--\r\n'],
  [`multipart/form-data; boundary=${'b'.repeat(300)}`, '--b'],
  [boundary, '--b\r\ncontent-disposition: form-data; name="__proto__"\r\n\r\n1\r\n--b--\r\n'],
  [boundary, '--b\r\ncontent-disposition: form-data; name="qty"; filename="f"\r\n\r\n1\r\n--b--\r\n'],
];

/** Hole 7: lines that a stranger can cause, or write. */
export const logAttacks: readonly GroundAttack[] = [
  {
    name: 'broken-multipart',
    title: `${BROKEN_POSTS} multipart bodies that are broken in ${BROKEN.length} ways`,
    setting: 'open',
    isShort: true,
    async run({ publisherUrl }) {
      const wrong = new Set<string>();
      for (let index = 0; index < BROKEN_POSTS; index += 1) {
        const [type, body] = BROKEN[index % BROKEN.length] ?? ['', ''];
        const headers = { 'content-type': type, accept: 'application/json' };
        const answer = await fetch(`${publisherUrl}/trade/buy`, { method: 'POST', headers, body });
        await answer.arrayBuffer();
        if (answer.status < 400 || answer.status >= 500)
          wrong.add(`${JSON.stringify(body.slice(0, 40))} is answered with ${answer.status}`);
      }
      return [...wrong];
    },
  },
  {
    name: 'forged-lines',
    title: 'control characters in names, types, addresses and headers, which a log would repeat',
    setting: 'closed',
    isShort: true,
    async run(ground) {
      const log: string[] = [];
      for (const name of ['publisher', 'sidecar'] as const)
        ground.stack.app(name).onOutput((text) => log.push(text));
      const peer = await ZmtpPeer.open(ground.zmqPort, 'DEALER');
      const producer = { id: `known${NASTY}`, epoch: 'e', instance: 'i', acked: 0 };
      for (let index = 0; index < FORGED; index += 1) {
        await peer.send(...hello({ ...producer, acked: index * 1_000, instance: `i${index}` }));
        await peer.send(Buffer.from([0x01]), JSON.stringify({ type: `${NASTY}${index}`, side: NASTY }));
        await peer.send(Buffer.from([0x7f]), NASTY);
        await peer.send(NASTY, NASTY, NASTY);
      }
      for (const url of ground.urls)
        await (await fetch(`${url}/${encodeURIComponent(NASTY)}?${encodeURIComponent(NASTY)}`)).arrayBuffer();
      await sleep(2_000);
      peer.close();
      return UNSEEN.test(log.join('').replaceAll('\n', ''))
        ? ['a log holds control characters of a peer']
        : [];
    },
  },
];

/** A sidecar that refuses every client with a text of its own choice, and then cuts the connection or goes on talking. */
function rogueSidecar(onHello: (socket: Socket) => void): ReturnType<typeof createServer> {
  return createServer((socket) => {
    const reader = new ZmtpReader();
    socket.on('error', () => socket.destroy());
    socket.write(Buffer.concat([greeting(), readyCommand('ROUTER')]));
    socket.on('data', (chunk: Buffer) => {
      for (const [kind] of reader.take(chunk)) if (kind?.[0] === KIND.hello) onHello(socket);
    });
  });
}

function refusal(index: number): Buffer {
  const reason = `${NASTY} number ${index}`;
  return encodeMessage([
    Buffer.from([KIND.refused]),
    JSON.stringify({ version: 2, code: 'version', reason }),
  ]);
}

/** The rogue sidecar needs its own publisher, which gets its address. */
export const rogueAttack: LoneAttack = {
  name: 'rogue-sidecar',
  title: 'a sidecar that refuses with control characters, again and again',
  setting: 'alone',
  isShort: true,
  async run(folder) {
    let refusals = 0;
    const sockets = new Set<Socket>();
    const rogue = rogueSidecar((socket) => {
      sockets.add(socket);
      const texts = Array.from({ length: 20 }, () => refusal((refusals += 1)));
      socket.write(Buffer.concat(texts));
      if (refusals % 40 === 0) socket.end();
    });
    await new Promise<void>((resolve) => rogue.listen(0, '127.0.0.1', resolve));
    const [port = 0] = await freePorts(1);
    const publisher = new Program(process.execPath, [entryOf('publisher')], {
      HOST: '127.0.0.1',
      PORT: String(port),
      WEBAPP_ZMQ_ADDR: `tcp://127.0.0.1:${portOf(rogue)}`,
      DELIVERY: 'durable',
      SPOOL_DIR: `${folder}/spool`,
    });
    let log = '';
    publisher.onOutput((text) => (log += text));
    const isRefused = (): Promise<boolean> => Promise.resolve(refusals > 0);
    try {
      await publisher.until('a refusal', isRefused, BOOT_MS);
      await sleep(ROGUE_MS);
      const faults = [];
      if (UNSEEN.test(log.replaceAll('\n', '')))
        faults.push('the log holds control characters of the sidecar');
      if (log.split('\n').some((line) => line.startsWith('[Nest] 1 ')))
        faults.push('the sidecar forged a line of the log');
      const most = 8_192 + (LOG_BYTES_A_SECOND * ROGUE_MS) / 1000;
      if (publisher.writtenBytes > most)
        faults.push(`${refusals} refusals: ${publisher.writtenBytes} bytes of log, at most ${most}`);
      return faults;
    } finally {
      await publisher.stop();
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => rogue.close(resolve));
    }
  },
};
