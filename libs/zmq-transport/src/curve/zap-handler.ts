import { Reply } from 'zeromq';
import { bindAgain } from '../sockets/patient-bind.js';
import { encodeKey } from './keys.js';
import { closeWithThread } from '../sockets/socket-settings.js';

/** Where libzmq asks about every handshake of the process; the name is RFC 27's. */
const ZAP_ADDRESS = 'inproc://zeromq.zap.01';
const VERSION = '1.0';
const NO_REQUEST_ID = Buffer.alloc(0);
/** How often it looks whether there is a server left. */
const RECEIVE_TIMEOUT_MS = 100;

/** One server's word on who may come in. */
export interface ZapGate {
  /** Tells the sockets of one process apart. */
  readonly domain: string;
  /** Whether the client with this public key (Z85) may come in. Must not throw. */
  judge(publicKey: string, address: string): boolean;
}

/**
 * The process's answer to libzmq's questions about handshakes. There can be one in a process: it is shared by all
 * servers, and there while there are any.
 *
 * libzmq aborts the process when its question finds the handler gone in the middle of a handshake (an assertion in
 * zap_client.cpp), and a closed server socket has handshakes under way for a while. So the handler's socket outlives the
 * last server by a grace; it does not receive in that time, and so does not keep the process from ending by itself.
 */
class ZapHandler {
  private readonly gates = new Map<string, ZapGate>();
  private opening: Promise<Reply> | undefined;
  private answering = false;
  private closing: NodeJS.Timeout | undefined;
  private mayCloseAtMs = 0;

  async open(gate: ZapGate): Promise<void> {
    clearTimeout(this.closing);
    this.gates.set(gate.domain, gate);
    this.opening ??= openSocket();
    try {
      const socket = await this.opening;
      if (!this.answering) {
        void this.answer(socket);
      }
    } catch (error) {
      this.gates.delete(gate.domain);
      this.opening = undefined;
      throw error;
    }
  }

  close(gate: ZapGate, graceMs: number): void {
    if (!this.gates.delete(gate.domain)) {
      return;
    }
    this.mayCloseAtMs = Math.max(this.mayCloseAtMs, performance.now() + graceMs);
    if (this.gates.size === 0) {
      const wait = this.mayCloseAtMs - performance.now();
      this.closing = setTimeout(() => void this.closeSocket(), wait).unref();
    }
  }

  private async closeSocket(): Promise<void> {
    const socket = await this.opening;
    if (this.gates.size === 0) {
      this.opening = undefined;
      socket?.close();
    }
  }

  /** Every request gets its answer: without one, libzmq lets its client wait. */
  private async answer(socket: Reply): Promise<void> {
    this.answering = true;
    while (this.gates.size > 0) {
      const frames = await receive(socket);
      if (frames !== undefined) {
        const [status, text] = this.judge(frames) ? ['200', 'OK'] : ['400', 'not allowed'];
        await socket.send([VERSION, frames[1] ?? NO_REQUEST_ID, status, text, '', '']);
      }
    }
    this.answering = false;
  }

  /** Frames of a request: version, request id, domain, address, identity, mechanism, and for CURVE the public key. */
  private judge(frames: readonly Buffer[]): boolean {
    const [version, , domain, address, , mechanism, key] = frames;
    if (version?.toString() !== VERSION || mechanism?.toString() !== 'CURVE' || key?.length !== 32) {
      return false;
    }
    const gate = this.gates.get(domain?.toString() ?? '');
    return gate?.judge(encodeKey(key), address?.toString() ?? '') ?? false;
  }
}

const handler = new ZapHandler();

/**
 * Asks `gate` about the handshakes of its domain.
 * @throws BindFailedError when somebody else in this process already is the ZAP handler
 */
export function openGate(gate: ZapGate): Promise<void> {
  return handler.open(gate);
}

/** @param graceMs how long the socket of this gate, which was closed, may still have handshakes under way */
export function closeGate(gate: ZapGate, graceMs: number): void {
  handler.close(gate, graceMs);
}

async function openSocket(): Promise<Reply> {
  const socket = new Reply({ linger: 0, receiveTimeout: RECEIVE_TIMEOUT_MS });
  closeWithThread(socket);
  try {
    await bindAgain(socket, ZAP_ADDRESS);
  } catch (error) {
    socket.close();
    throw error;
  }
  return socket;
}

/** @returns undefined when nobody asked within the socket's receive timeout */
async function receive(socket: Reply): Promise<readonly Buffer[] | undefined> {
  try {
    return await socket.receive();
  } catch (error) {
    if ((error as { code?: unknown }).code === 'EAGAIN') {
      return undefined;
    }
    throw error;
  }
}
