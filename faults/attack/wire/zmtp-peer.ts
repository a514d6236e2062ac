import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { dial } from './http-flood.js';

const GREETING_BYTES = 64;
const LONG = 0x02;
const COMMAND = 0x04;
const MORE = 0x01;
const MAX_SHORT = 255;
const HANDSHAKE_MS = 30_000;

/** The greeting of ZMTP 3.0 without security. */
export function greeting(isServer = false): Buffer {
  const bytes = Buffer.alloc(GREETING_BYTES);
  bytes[0] = 0xff;
  bytes[9] = 0x7f;
  bytes[10] = 3;
  bytes.write('NULL', 12, 'latin1');
  bytes[32] = isServer ? 1 : 0;
  return bytes;
}

function property(name: string, value: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(value.length);
  return Buffer.concat([Buffer.from([name.length]), Buffer.from(name), length, Buffer.from(value)]);
}

/** The command that names the type of the socket behind a connection. */
export function readyCommand(type: string): Buffer {
  const body = Buffer.concat([
    Buffer.from('\x05READY', 'latin1'),
    property('Socket-Type', type),
    property('Identity', ''),
  ]);
  return Buffer.concat([Buffer.from([COMMAND, body.length]), body]);
}

/** A message of several frames as bytes on the wire. */
export function encodeMessage(frames: readonly (Buffer | string)[]): Buffer {
  const parts = frames.flatMap((frame, index) => {
    const body = Buffer.from(frame);
    const more = index < frames.length - 1 ? MORE : 0;
    if (body.length <= MAX_SHORT) return [Buffer.from([more, body.length]), body];
    const header = Buffer.alloc(9);
    header[0] = more | LONG;
    header.writeBigUInt64BE(BigInt(body.length), 1);
    return [header, body];
  });
  return Buffer.concat(parts);
}

/** Cuts what a peer sends into messages. */
export class ZmtpReader {
  /** Whether the other side's READY has come: a message before it would be an error. */
  isReady = false;
  private bytes = Buffer.alloc(0);
  private hasGreeted = false;
  private frames: Buffer[] = [];

  /** @returns the messages that are complete now; commands are left out */
  take(chunk: Buffer): Buffer[][] {
    this.bytes = Buffer.concat([this.bytes, chunk]);
    const messages: Buffer[][] = [];
    if (!this.hasGreeted && this.bytes.length >= GREETING_BYTES) {
      this.hasGreeted = true;
      this.bytes = this.bytes.subarray(GREETING_BYTES);
    }
    for (let frame = this.nextFrame(); frame !== undefined; frame = this.nextFrame()) {
      const { flags, body } = frame;
      if ((flags & COMMAND) !== 0) {
        this.isReady = true;
        continue;
      }
      this.frames.push(body);
      if ((flags & MORE) !== 0) continue;
      messages.push(this.frames);
      this.frames = [];
    }
    return messages;
  }

  private nextFrame(): { flags: number; body: Buffer } | undefined {
    const { bytes } = this;
    const flags = bytes[0] ?? 0;
    const head = (flags & LONG) === 0 ? 2 : 9;
    if (!this.hasGreeted || bytes.length < head) return undefined;
    const length = head === 2 ? (bytes[1] ?? 0) : Number(bytes.readBigUInt64BE(1));
    if (bytes.length < head + length) return undefined;
    this.bytes = bytes.subarray(head + length);
    return { flags, body: Buffer.from(bytes.subarray(head, head + length)) };
  }
}

/** A ZeroMQ client that writes the bytes itself: it can do what libzmq would not, and a thousand of them are cheap. */
export class ZmtpPeer {
  private readonly reader = new ZmtpReader();
  private readonly messages: Buffer[][] = [];

  private constructor(private readonly socket: Socket) {
    socket.on('data', (chunk: Buffer) => this.messages.push(...this.reader.take(chunk)));
  }

  /** @param type of its socket: DEALER, PUSH */
  static async open(port: number, type: string): Promise<ZmtpPeer> {
    const socket = await dial(`http://127.0.0.1:${port}`);
    socket.setNoDelay(true);
    const peer = new ZmtpPeer(socket);
    socket.write(Buffer.concat([greeting(), readyCommand(type)]));
    const deadlineMs = performance.now() + HANDSHAKE_MS;
    while (!peer.reader.isReady && peer.isOpen && performance.now() < deadlineMs) await sleep(5);
    return peer;
  }

  get isOpen(): boolean {
    return !this.socket.destroyed;
  }

  /** Resolves when the system has taken the bytes or the connection is gone, at the latest after `limitMs`. */
  async write(bytes: Buffer, limitMs = 30_000): Promise<void> {
    if (this.socket.destroyed || this.socket.write(bytes)) return;
    const deadlineMs = performance.now() + limitMs;
    while (this.socket.writableNeedDrain && !this.socket.destroyed && performance.now() < deadlineMs)
      await sleep(5);
  }

  send(...frames: (Buffer | string)[]): Promise<void> {
    return this.write(encodeMessage(frames));
  }

  /** The next message for which `isIt` is true; undefined when none came in time. */
  async next(isIt: (message: readonly Buffer[]) => boolean, limitMs: number): Promise<Buffer[] | undefined> {
    const deadlineMs = performance.now() + limitMs;
    for (;;) {
      const message = this.messages.shift();
      if (message !== undefined && isIt(message)) return message;
      if (message !== undefined) continue;
      if (this.socket.destroyed || performance.now() > deadlineMs) return undefined;
      await sleep(5);
    }
  }

  /** Stops reading. */
  stopReading(): void {
    this.socket.pause();
  }

  close(): void {
    this.socket.destroy();
  }
}
